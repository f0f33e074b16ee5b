"""What `compare` refuses before any work."""

import re

import numpy as np
import pytest

from sk_noise2sr.cli import main
from sk_noise2sr.io import Calibration, write_image

QUICK = ["--methods", "adaptivewiener,vstbm3d"]


@pytest.fixture
def folder(tmp_path, monkeypatch, noisy, clean):
    """Step into a folder with a noisy image, the clean one, and two without noise."""
    monkeypatch.chdir(tmp_path)
    write_image("frame.tif", noisy.astype("float32"), Calibration((0.02, 0.02), "nm"))
    write_image("clean.tif", clean.astype("float32"))
    wave = np.cos(np.linspace(0, np.pi, 64))
    write_image("smooth.tif", np.outer(wave, wave).astype("float32"))
    write_image("step.tif", np.repeat([[0, 1]], 32, axis=1).repeat(64, axis=0).astype("uint8"))
    return tmp_path


def names_in(path):
    return {each.name for each in path.iterdir()}


def compare(*words):
    """Run the command in this process; return its exit code."""
    try:
        return main(["compare", *map(str, words)])
    except SystemExit as stop:  # argparse
        return stop.code


def test_existing_files_are_only_replaced_with_force(folder, capsys):
    (folder / "look").mkdir()
    (folder / "look" / "vstbm3d.tif").write_bytes(b"precious")
    assert compare("frame.tif", "-o", "look", *QUICK) == 1
    text, error = capsys.readouterr()
    assert text == ""  # before any work
    assert "vstbm3d.tif exists; pass --force" in error
    assert names_in(folder / "look") == {"vstbm3d.tif"}
    assert compare("frame.tif", "-o", "look", "--force", *QUICK) == 0
    assert (folder / "look" / "vstbm3d.tif").read_bytes() != b"precious"


def test_inputs_are_never_overwritten(folder, noisy, capsys):
    write_image("vstbm3d.tif", noisy.astype("float32"))
    before = (folder / "vstbm3d.tif").read_bytes()
    assert compare("vstbm3d.tif", "-o", ".", "--force", *QUICK) == 2
    assert "vstbm3d.tif is an input" in capsys.readouterr().err
    assert (folder / "vstbm3d.tif").read_bytes() == before


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["frame.tif", "--methods", "sharpen"], 2, "unknown method 'sharpen'; known are all, "),
        (["frame.tif", "--methods", "vstbm3d@quick"], 2, "unknown preset 'quick' of vstbm3d; kn"),
        (["frame.tif", "--methods", ""], 2, "unknown method ''"),
        (["frame.tif", "--methods", "noise2noise"], 2, "noise2noise learns from pairs"),
        (["frame.tif", "--target", "clean.tif"], 2, "--target is for noise2noise, supervised"),
        (["frame.tif", "--max-time", "soon"], 2, "'max_time' parameter of .* Got 'soon'"),
        (["frame.tif", "--random-state", "-1"], 2, "'random_state' parameter of"),
        (["frame.tif", "-o", "clean.tif"], 2, "clean.tif is a file; name a folder with -o"),
        (["frame.tif", "-o", "clean.tif/deep"], 2, "clean.tif is a file; name a folder"),
        (["frame.tif", "--reference", "half.tif"], 1, "half.tif is 32 x 64 and frame.tif is 64"),
        (["frame.tif", "--reference", "holes.npy"], 1, "holes.npy contains NaN"),
        (["holes.npy", "--reference", "clean.tif"], 1, "got NaN or infinity in the image"),
        (["missing.tif"], 1, "missing.tif does not exist"),
        (["frame.tif", "--reference", "missing.tif"], 1, "missing.tif does not exist"),
    ],
)
def test_bad_input_gets_one_sentence_before_any_work(folder, noisy, capsys, words, code, message):
    write_image("half.tif", noisy[:32].astype("float32"))
    np.save("holes.npy", np.where(noisy > 1.5, np.nan, noisy))
    before = names_in(folder)
    assert compare(*words) == code
    text, error = capsys.readouterr()
    assert text == ""
    assert re.search(message, error.splitlines()[-1])
    assert names_in(folder) == before
