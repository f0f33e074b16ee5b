# `make` alone prints this help. Everything happens in .venv, which the first target makes.
PYTHON ?= python3
BIN := .venv/bin
NUMERIC := tests/base tests/denoisers tests/engine tests/lazy
SOURCES := $(shell find sk_noise2sr -type f -not -name '*.pyc')
PYTEST := $(BIN)/pytest -c setup.cfg --rootdir .
# One thread a worker: workers that share cores would wait for one another's threads.
WORKERS := OMP_NUM_THREADS=1 $(PYTEST) -n auto
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt

.PHONY: help demo test test-all test-portable test-napari lint docs bench clean

help:  ## print this help
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# Not editable: what is tested is what a user gets.
.venv/installed: pyproject.toml constraints.txt $(SOURCES)
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "Installing sk_noise2sr into .venv (the first time this takes a minute or two) ..."
	@rm -rf build
	@$(INSTALL) ".[test]"
	@rm -rf build
	@touch $@

demo: .venv/installed  ## denoise the sample image; figures here, pictures in demo_output/
	@$(BIN)/sk-noise2sr demo

test: .venv/installed  ## run the tests, but for the slow ones
	$(WORKERS) -m "not slow" --pyargs tests sk_noise2sr

test-all: .venv/installed  ## run all tests
	$(WORKERS) --pyargs tests sk_noise2sr

# Sums in the order of other processors: few vector instructions, other kernels, other threads.
test-portable: .venv/installed  ## run the tests of numbers as other processors compute them
	OMP_NUM_THREADS=2 $(PYTEST) -m "not slow" $(NUMERIC)
	ATEN_CPU_CAPABILITY=default $(WORKERS) -m "not slow" $(NUMERIC)
	ATEN_CPU_CAPABILITY=avx2 $(WORKERS) -m "not slow" $(NUMERIC)
	$(WORKERS) --without-mkldnn -m "not slow" $(NUMERIC)

# OpenGL needs a screen; Xvfb is one in memory. Where the system has none, or Qt cannot draw on it, that is said.
NAPARI := .venv-napari/bin
SCREEN := QT_QPA_PLATFORM=xcb xvfb-run -a $(NAPARI)
NO_SCREEN := Skipped the tests of napari, for want of a screen. Debian: apt-get install \
	xvfb libgl1-mesa-dri libegl1 libxcb-cursor0 libxkbcommon-x11-0

test-napari:  ## run the tests of the napari plugin, in an environment of their own
ifeq ($(shell command -v xvfb-run),)
	@echo "$(NO_SCREEN)"
else
	@test -x $(NAPARI)/python || $(PYTHON) -m venv .venv-napari
	@echo "Installing sk_noise2sr and napari into .venv-napari ..."
	@rm -rf build
	@$(NAPARI)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt \
		".[em,napari]" PyQt6 pytest pytest-qt pytest-benchmark
	@rm -rf build
	@if $(SCREEN)/python -c "from PyQt6.QtWidgets import QApplication; QApplication([])"; then \
		OMP_NUM_THREADS=1 $(SCREEN)/pytest -c setup.cfg --rootdir . -W ignore::DeprecationWarning tests/napari; \
	else echo "$(NO_SCREEN)"; fi
endif

lint: .venv/installed  ## check style, and the types of public signatures
	@$(INSTALL) ruff mypy
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

docs: .venv/installed  ## build the documentation in docs/_build/html
	@$(INSTALL) ".[docs]"
	$(BIN)/sphinx-build -W --keep-going -q -b html docs docs/_build/html
	$(BIN)/python docs/measure.py docs/_build/html

bench: .venv/installed  ## time fit and transform
	$(PYTEST) --benchmark-only --benchmark-disable-gc benchmarks/speed

clean:  ## remove what was built
	rm -rf .venv .venv-napari build docs/_build docs/api docs/examples demo_output
