"""What `compare` refuses before any work."""

import re

import numpy as np
import pytest

from sk_noise2sr.io import write_image

QUICK = ["--methods", "adaptivewiener,vstbm3d"]


@pytest.fixture
def folder(folder, clean):
    """Step into a folder with a noisy image and the clean one."""
    write_image("clean.tif", clean.astype("float32"))
    return folder


def names_in(path):
    return {each.name for each in path.iterdir()}


def test_existing_files_are_only_replaced_with_force(run, folder, capsys):
    (folder / "look").mkdir()
    (folder / "look" / "vstbm3d.tif").write_bytes(b"precious")
    assert run("compare", "frame.tif", "-o", "look", *QUICK) == 1
    text, error = capsys.readouterr()
    assert text == ""  # before any work
    assert "vstbm3d.tif exists; pass --force" in error
    assert names_in(folder / "look") == {"vstbm3d.tif"}
    assert run("compare", "frame.tif", "-o", "look", "--force", *QUICK) == 0
    assert (folder / "look" / "vstbm3d.tif").read_bytes() != b"precious"


def test_inputs_are_never_overwritten(run, folder, noisy, capsys):
    write_image("vstbm3d.tif", noisy.astype("float32"))
    before = (folder / "vstbm3d.tif").read_bytes()
    assert run("compare", "vstbm3d.tif", "-o", ".", "--force", *QUICK) == 2
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
def test_bad_input_gets_one_sentence_before_any_work(
    run, folder, noisy, capsys, words, code, message
):
    write_image("half.tif", noisy[:32].astype("float32"))
    np.save("holes.npy", np.where(noisy > 1.5, np.nan, noisy))
    before = names_in(folder)
    assert run("compare", *words) == code
    text, error = capsys.readouterr()
    assert text == ""
    assert re.search(message, error.splitlines()[-1])
    assert names_in(folder) == before
