"""Fixtures of the command line."""

import pytest

from sk_noise2sr.engine import _plan
from sk_noise2sr.io import Calibration, write_image


@pytest.fixture
def folder(tmp_path, monkeypatch, noisy):
    """Step into a folder with a calibrated noisy image."""
    monkeypatch.chdir(tmp_path)
    write_image("frame.tif", noisy.astype("float32"), Calibration((0.02, 0.02), "nm"))
    return tmp_path


@pytest.fixture
def few_steps(monkeypatch):
    """Cut trainings to one crop an epoch."""
    monkeypatch.setattr(_plan, "CROPS_PER_EPOCH", 1)
