# `make` alone prints this help. Everything happens in .venv, which the first target makes.
PYTHON ?= python3
BIN := .venv/bin
SOURCES := $(shell find sk_noise2sr -type f -not -name '*.pyc')
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt

.PHONY: help demo test lint docs bench clean

help:  ## print this help
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

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

test: .venv/installed  ## run the tests
	$(BIN)/pytest -c setup.cfg --rootdir . -n auto --pyargs tests sk_noise2sr

lint: .venv/installed  ## check style
	@$(INSTALL) ruff
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

docs: .venv/installed  ## build the documentation in docs/_build/html
	@$(INSTALL) ".[docs]"
	$(BIN)/sphinx-build -W --keep-going -q -b html docs docs/_build/html

bench: .venv/installed  ## time fit and transform
	$(BIN)/pytest -c setup.cfg --rootdir . --benchmark-only --benchmark-disable-gc benchmarks/speed

clean:  ## remove what was built
	rm -rf .venv build docs/_build docs/api demo_output
