"""Peers run on their own, and those that we write ourselves do what their paper says."""

import importlib
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def run(monkeypatch):
    """Return the command, as from the root of a clone."""
    monkeypatch.syspath_prepend(ROOT)
    return importlib.import_module("benchmarks.peers.run")


@pytest.fixture
def lattice(rng):
    """Return a lattice, and the same under noise as strong as it."""
    waves = np.sin(2 * np.pi * np.arange(64) / 8)
    clean = 5 + np.add.outer(waves, waves)
    return clean, clean + rng.normal(0, 1, clean.shape)


@pytest.mark.parametrize("name", ["radial_wiener", "absf"])
def test_bragg_spots_stay_and_most_of_the_noise_goes(run, lattice, name):
    clean, noisy = lattice
    denoised, seconds = run.run(sys.executable, f"spectral:{name}", noisy.astype(np.float32))
    assert np.mean((denoised - clean) ** 2) < 0.3 * np.mean((noisy - clean) ** 2)
    assert denoised.mean() == pytest.approx(noisy.mean(), rel=1e-6)
    assert set(seconds) == {"cpu", "wall"}


def test_a_peer_that_fails_says_why(run):
    denoised, why = run.run(sys.executable, "spectral:sharpen", np.ones((4, 4), np.float32))
    assert denoised is None
    assert "no attribute 'sharpen'" in why


def test_the_table_has_means_and_what_failed(run, capsys):
    line = {"peer": "absf", "image": "a.tif", "psnr": 20.0, "ssim": 0.5, "cpu": 1.0, "wall": 2.0}
    run.print_table([line, {**line, "psnr": 22.0}, {"peer": "x", "image": "a.tif", "failed": "no"}])
    text = capsys.readouterr().out
    assert "| absf | 2 | 21.0 | 0.500 | - | 1.0 | 2.0 |" in text
    assert "x on a.tif: no" in text
