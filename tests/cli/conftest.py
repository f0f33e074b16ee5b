"""Fixtures of the command line."""

import pytest

from sk_noise2sr.cli import main
from sk_noise2sr.engine import _plan
from sk_noise2sr.io import Calibration, write_image


@pytest.fixture
def folder(tmp_path, monkeypatch, noisy):
    """Step into a folder with a calibrated noisy image."""
    monkeypatch.chdir(tmp_path)
    write_image("frame.tif", noisy.astype("float32"), Calibration((0.02, 0.02), "nm"))
    return tmp_path


@pytest.fixture
def batch_folder(tmp_path, monkeypatch, rng):
    """Step into a folder with three calibrated noisy images, the second of them damaged."""
    monkeypatch.chdir(tmp_path)
    for name in ("a", "b", "c"):
        image = rng.poisson(8, (32, 32)).astype("float32")
        write_image(f"{name}.tif", image, Calibration((0.02, 0.02), "nm"))
    (tmp_path / "b.tif").write_bytes((tmp_path / "b.tif").read_bytes()[:2000])
    return tmp_path


@pytest.fixture
def few_steps(monkeypatch):
    """Cut trainings to one crop an epoch."""
    monkeypatch.setattr(_plan, "CROPS_PER_EPOCH", 1)


@pytest.fixture
def run():
    """Run the command line in this process; return its exit code."""

    def run(*words):
        try:
            return main([str(word) for word in words])
        except SystemExit as stop:  # argparse
            return stop.code

    return run
