"""A disk that is full: a result and what belongs to it are there, all or none."""

import json
import os

import numpy as np
import pytest

from sk_noise2sr.cli import main
from sk_noise2sr.io import write_image

resource = pytest.importorskip("resource", reason="limits of POSIX")
WORDS = ["--method", "adaptivewiener"]


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch, rng):
    """Step into a folder with an image, where files may be of 25 kB: a result, and no report."""
    monkeypatch.chdir(tmp_path)
    y, x = np.mgrid[:64, :64]
    for name in ("a.tif", "b.tif"):
        write_image(name, 20 + 5 * np.sin(x / 2) * np.sin(y / 2) + rng.normal(size=(64, 64)))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (25_000, hard))
    yield tmp_path
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("words", [["--report", "r.html"], ["--picture", "r.png"]])
def test_no_result_without_its_page(capsys, words):
    assert main(["denoise", "a.tif", "-o", "r.tif", "--evidence", *words, *WORDS]) == 1
    out, err = capsys.readouterr()
    assert (out, err) == ("", f"sk-noise2sr: {words[1]} cannot be written: File too large.\n")
    assert sorted(os.listdir()) == ["a.tif", "b.tif"]


def test_a_batch_says_which(capsys):
    words = ["a.tif", "b.tif", "-o", "clean/", "--json", "--report", "index.html"]
    assert main(["denoise", *words, *WORDS]) == 1
    lines = {line["input"]: line for line in map(json.loads, capsys.readouterr().out.splitlines())}
    assert [lines[name]["status"] for name in ("a.tif", "b.tif")] == ["failed", "failed"]
    assert lines["a.tif"]["error"] == "a.tif.html cannot be written: File too large."
    assert os.listdir("clean") == []


def test_methods_side_by_side(capsys):
    os.mkdir("there")
    for output in ("a_compared", "new/look", "there"):
        assert main(["compare", "a.tif", "--methods", "adaptivewiener", "-o", output]) == 1
        assert "comparison.png cannot be written: File too large." in capsys.readouterr().err
    assert sorted(os.listdir()) == ["a.tif", "b.tif", "there"]
    assert os.listdir("there") == []
