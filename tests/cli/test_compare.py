"""The command `compare`, as a user types it."""

import argparse
import json
import re
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from sk_noise2sr.cli import _compare
from sk_noise2sr.cli._methods import find_methods
from sk_noise2sr.datasets import make_hrem
from sk_noise2sr.denoisers import AdaptiveWiener
from sk_noise2sr.io import Calibration, read_image, write_image
from sk_noise2sr.metrics import psnr, residual_whiteness, ssim

pytest.importorskip("matplotlib")


QUICK = ["--methods", "adaptivewiener,vstbm3d"]
PIXEL = Calibration((0.02, 0.02), "nm")
ROOT = Path(__file__).parents[2]


@pytest.fixture
def folder(folder, clean):
    """Step into a folder with a noisy image, the clean one, and two without noise."""
    write_image("clean.tif", clean.astype("float32"))
    wave = np.cos(np.linspace(0, np.pi, 64))
    write_image("smooth.tif", np.outer(wave, wave).astype("float32"))
    write_image("step.tif", np.repeat([[0, 1]], 32, axis=1).repeat(64, axis=0).astype("uint8"))
    return folder


def names_in(path):
    return {entry.name for entry in path.iterdir()}


def scores_in(path):
    record = json.loads((path / "scores.json").read_text())
    return record, {outcome["method"]: outcome for outcome in record["methods"]}


def test_the_default_methods_leave_results_a_picture_and_scores(run, folder, few_steps, capsys):
    assert run("compare", "frame.tif") == 0
    defaults = _compare._DEFAULT.split(",")
    expected = {"comparison.png", "scores.json", *(f"{name}.tif" for name in defaults)}
    assert names_in(folder / "frame_compared") == expected
    text = capsys.readouterr().out
    assert [line.split()[0] for line in text.splitlines()[1:6]] == defaults
    for name in defaults:
        denoised, calibration = read_image(folder / "frame_compared" / f"{name}.tif")
        assert denoised.dtype == np.float32
        assert denoised.shape == (64, 64)
        assert calibration == PIXEL


def test_scores_against_a_reference_are_those_of_the_metrics(run, folder, capsys):
    assert run("compare", "frame.tif", "--reference", "clean.tif", "-o", "deep/look", *QUICK) == 0
    record, scores = scores_in(folder / "deep" / "look")
    noisy, clean = (read_image(name)[0] for name in ("frame.tif", "clean.tif"))
    denoised = AdaptiveWiener().fit_transform(noisy)
    row = scores["adaptivewiener"]
    assert row["psnr"] == pytest.approx(psnr(clean, denoised))
    assert row["ssim"] == pytest.approx(ssim(clean, denoised))
    assert row["residual_correlation"] == pytest.approx(residual_whiteness(noisy, denoised))
    assert row["residual_std"] == pytest.approx(np.std(noisy - denoised), rel=1e-4)
    assert record["noisy"]["psnr"] == pytest.approx(psnr(clean, noisy))
    assert "held_out_score" not in row
    text = capsys.readouterr().out
    assert re.search(rf"adaptivewiener +{row['psnr']:.2f} dB +{row['ssim']:.3f} ", text)
    assert re.search(rf"\(noisy\) +{record['noisy']['psnr']:.2f} dB", text)


def test_without_a_reference_there_are_scores_from_the_noisy_image_alone(run, folder, few_steps):
    assert run("compare", "frame.tif", "--methods", "zsn2n,adaptivewiener", "-o", "look") == 0
    record, scores = scores_in(folder / "look")
    noisy, clean = (read_image(name)[0] for name in ("frame.tif", "clean.tif"))
    assert record["noise_std"] == pytest.approx(np.std(noisy - clean), rel=0.1)
    assert record["methods"][0]["method"] == "zsn2n"
    assert np.isfinite(scores["zsn2n"]["held_out_score"])
    assert scores["zsn2n"]["binning"] >= 1
    assert scores["adaptivewiener"].keys().isdisjoint({"held_out_score", "binning", "psnr"})
    for row in scores.values():
        strength = row["residual_over_noise"]
        assert strength == pytest.approx(row["residual_std"] / record["noise_std"])
        assert 0.7 < strength < 1.1


def test_all_is_all_that_can_be_used(run, folder, few_steps):
    """Small enough that every fit takes a second or two."""
    methods = find_methods()
    for name in ("frame", "clean"):
        write_image(f"{name}.npy", read_image(f"{name}.tif")[0][:32, :32])
    alone = [name for name, member in methods.items() if not member._needs_target]
    words = argparse.Namespace(methods="all", target=None)
    assert list(_compare._choose_methods(words, parser=None)) == alone
    assert run("compare", "frame.npy", "--methods", "all", "--target", "clean.npy") == 0
    assert set(scores_in(folder / "frame_compared")[1]) == set(methods)


def test_the_same_seed_gives_the_same_images(run, folder, few_steps):
    for name in ("first", "second"):
        assert run("compare", "frame.tif", "--methods", "noise2sr", "-o", name) == 0
    first, second = (read_image(f"{name}/noise2sr.tif")[0] for name in ("first", "second"))
    np.testing.assert_array_equal(first, second)


def test_a_method_that_fails_does_not_stop_the_others(run, folder, few_steps, capsys):
    """Nothing predicts a smooth image better than the mean of neighbours: the fit is refused."""
    assert run("compare", "smooth.tif", "--methods", "zsn2n,adaptivewiener") == 1
    text, error = capsys.readouterr()
    assert re.search("zsn2n +failed: ZSN2N could not be fitted", text)
    assert re.search(r"adaptivewiener +- ", text)
    assert error == "sk-noise2sr: 1 of 2 methods failed\n"
    written = {"adaptivewiener.tif", "comparison.png", "scores.json"}
    assert names_in(folder / "smooth_compared") == written
    assert "could not be fitted" in scores_in(folder / "smooth_compared")[1]["zsn2n"]["error"]


def test_if_all_fail_nothing_is_written(run, folder, few_steps, capsys):
    assert run("compare", "smooth.tif", "--methods", "zsn2n") == 1
    assert capsys.readouterr().err == (
        "sk-noise2sr: no method gave a result; nothing was written\n"
    )
    assert not (folder / "smooth_compared").exists()


def test_an_image_without_noise_has_no_strength_to_compare_with(run, folder, capsys):
    assert run("compare", "step.tif", "--methods", "adaptivewiener") == 0
    assert "residual/noise: unknown. " in capsys.readouterr().out
    record, scores = scores_in(folder / "step_compared")
    assert record["noise_std"] is None
    assert "residual_over_noise" not in scores["adaptivewiener"]


def test_a_stack_is_taken_together(run, folder, noisy, clean):
    write_image("movie.tif", np.stack([noisy, noisy.T]).astype("float32"), PIXEL)
    write_image("still.tif", np.stack([clean, clean.T]).astype("float32"))
    assert run("compare", "movie.tif", "--reference", "still.tif", *QUICK) == 0
    for name in QUICK[1].split(","):
        assert read_image(f"movie_compared/{name}.tif")[0].shape == (2, 64, 64)
    assert scores_in(folder / "movie_compared")[1]["vstbm3d"]["psnr"] > 10


def test_a_preset_of_a_method_is_a_method(run, folder, noisy):
    methods = ["--methods", "adaptivewiener@paper,adaptivewiener"]
    assert run("compare", "frame.tif", *methods) == 0
    published, usual = (
        read_image(folder / "frame_compared" / f"adaptivewiener{preset}.tif")[0]
        for preset in ("@paper", "")
    )
    own = AdaptiveWiener.from_preset("paper").fit_transform(noisy.astype("float32"))
    np.testing.assert_allclose(published, own, rtol=1e-5)
    assert np.abs(published - usual).max() > 0


def test_what_is_no_picture_is_left_out_of_the_figures(run, folder):
    noisy = make_hrem((128, 128), random_state=0)[1]
    holes = noisy.copy()
    holes[:40] = np.nan
    holes[60, 60] = np.inf
    bar = noisy.copy()
    bar[:40] = 9
    ratios = []
    for name, image in (("noisy", noisy), ("holes", holes), ("bar", bar)):
        np.save(f"{name}.npy", image)
        assert run("compare", f"{name}.npy", "--methods", "vstbm3d") == 0
        (row,) = json.loads((folder / f"{name}_compared" / "scores.json").read_text())["methods"]
        ratios.append((row["residual_over_noise"], row["residual_correlation"]))
    assert ratios[1] == pytest.approx(ratios[0], rel=0.05, abs=0.02)
    assert ratios[2] == pytest.approx(ratios[0], rel=0.05, abs=0.02)


def test_ctrl_c_writes_nothing_and_is_no_success(folder):
    before = names_in(folder)
    command = [sys.executable, "-m", "sk_noise2sr", "compare", "frame.tif"]
    process = subprocess.Popen(
        [*command, "--methods", "adaptivewiener,noise2sr"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # Programs in the background of a shell ignore Ctrl-C.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    rows = [process.stdout.readline() for _ in range(2)]
    assert rows[1].startswith("adaptivewiener")  # a training of many seconds begins
    process.send_signal(signal.SIGINT)
    error = process.communicate(timeout=60)[1]
    assert process.returncode == 1
    assert error == "sk-noise2sr: interrupted; nothing was written\n"
    assert names_in(folder) == before


def test_help_lists_the_methods_and_shows_examples(run, capsys):
    assert run("compare", "--help") == 0
    text = capsys.readouterr().out
    for name in find_methods():
        assert re.search(rf"(?m)^  {name} +[A-Z]", text)
    assert text.count("sk-noise2sr compare ") >= 5


@pytest.mark.slow
def test_lines_of_the_documentation_run(run, folder, noisy, few_steps):
    part = noisy[:32, :32].astype("float32")
    for name, image in (("frame", part), ("second", part.T), ("clean", part.T)):
        write_image(f"{name}.tif", image, overwrite=True)
    page = (ROOT / "docs" / "compare.rst").read_text(encoding="utf8")
    lines = re.findall(r"(?m)^   \$ sk-noise2sr (compare .*)$", page)
    assert len(lines) >= 4
    for line in lines:
        assert run(*shlex.split(line)) == 0


def test_siblings_judge_a_crystal(run, folder, capsys):
    rows, columns = np.mgrid[:192, :192]
    waves = np.cos(2 * np.pi * (rows + columns / 8) / 15) + np.cos(2 * np.pi * columns / 12)
    crystal = 20 * np.exp(waves - 2)
    counts = np.random.default_rng(0).poisson(crystal)
    write_image("crystal.tif", counts.astype("float32"))
    words = ["crystal.tif", "--siblings", "--methods", "adaptivewiener"]
    assert run("compare", *words) == 0
    said = capsys.readouterr().out
    assert "(best Gaussian)" in said
    assert "other noisy views of the same crystal" in said
    scores = json.loads((folder / "crystal_compared" / "scores.json").read_text())
    assert scores["shape"] == [96, 96]
    assert scores["siblings"] >= 2
    assert scores["gaussian"]["gain"] > 1
    inner = (slice(56, -56),) * 2
    denoised = np.pad(read_image("crystal_compared/adaptivewiener.tif")[0], 48)
    expected = psnr(crystal[inner], denoised[inner]) - psnr(crystal[inner], counts[inner])
    assert scores["methods"][0]["gain"] == pytest.approx(expected, abs=0.5)
    assert run("compare", "frame.tif", "--siblings", *QUICK) == 1
    assert "siblings need a crystal that repeats" in capsys.readouterr().err
