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
    line = {
        "peer": "absf",
        "image": "a.tif",
        "level": 0.2,
        "psnr": 20.0,
        "ssim": 0.5,
        "cpu": 1.0,
        "wall": 2.0,
    }
    run.print_table([line, {**line, "psnr": 22.0}, {"peer": "x", "image": "a.tif", "failed": "no"}])
    text = capsys.readouterr().out
    assert "| absf | - | 0.2 | 2 | 21.0 | 0.500 | - | 1.0 | 2.0 |" in text
    assert "x on a.tif: no" in text


def test_the_pages_have_the_least_lead_under_each_noise(run, capsys):
    line = {"peer": "noise2sr", "image": "a.tif", "psnr": 30.0, "cpu": 8.0, "level": 0.1}
    line["crop"] = None
    peer = {**line, "peer": "absf", "psnr": 26.0, "cpu": 1.0}
    closer = [{**each, "image": "b.tif", "psnr": each["psnr"] - 1} for each in (line, peer)]
    closer[1]["psnr"] = 27.5
    real = {"peer": "absf", "image": "c.tif", "gain": 3.0}
    few = {**peer, "peer": "opencv"}
    run.print_pages([line, peer, few, *closer, {**line, "crop": 64, "psnr": 20.0}, real])
    rows = capsys.readouterr().out.replace("\n     -", " |").splitlines()
    assert "   * - | whole, a = 0.1 | 64 x 64, a = 0.1" in rows
    assert "   * - noise2sr | 29.5 / +0.0 / 8.0 | 20.0 / +0.0 / 8.0" in rows
    assert "   * - absf | 26.8 / +1.5 / 1.0 |" in rows
    assert "   * - opencv | 26.0 / +4.0 / 1.0 (1 of 2) |" in rows
    assert "   * - absf | 3.0" in rows


def test_a_part_is_judged_alike_if_all_of_the_frame_was_denoised(run, rng, tmp_path):
    waves = np.sin(2 * np.pi * np.arange(192) / 12)
    frame = 5 + np.add.outer(waves, waves) + rng.normal(0, 1, (192, 192))
    np.save(tmp_path / "frame.npy", frame)
    task = {"path": str(tmp_path / "frame.npy"), "part": "60:132,60:132"}
    part, judge_part = run._real({**task, "whole": None})
    whole, judge_whole = run._real({**task, "whole": True})
    np.testing.assert_array_equal(part, frame[60:132, 60:132])
    np.testing.assert_array_equal(whole, frame)
    better = frame + 0.5 * (5 + np.add.outer(waves, waves) - frame)
    gain = judge_whole(better)["gain"]
    assert gain > 3
    assert judge_part(better[60:132, 60:132])["gain"] == pytest.approx(gain)
