"""``sk-noise2sr diagnose``: words for people, JSON for programs."""

import json

import numpy as np
import pytest

from sk_noise2sr.cli import main
from sk_noise2sr.datasets import make_stem
from sk_noise2sr.io import write_image
from sk_noise2sr.noise import diagnose


@pytest.fixture
def frame(tmp_path):
    """Write an image whose noise is correlated along rows; return its path and itself."""
    noisy = make_stem(shape=(128, 128), detector_blur=1, random_state=0)[1]
    write_image(tmp_path / "frame.tif", noisy)
    return tmp_path / "frame.tif", noisy


def test_words_are_those_of_the_diagnosis(frame, capsys):
    path, noisy = frame
    assert main(["diagnose", str(path)]) == 0
    said = capsys.readouterr().out
    assert said.strip() == str(diagnose(noisy))
    assert "Warning: The noise is not independent from pixel to pixel" in said
    assert "Noise2SR() makes such noise white" in said.replace("\n", " ")


def test_json_holds_the_same(frame, capsys):
    path, noisy = frame
    assert main(["diagnose", str(path), "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["noise"]["variance"] == diagnose(noisy).noise.variance
    assert len(record["warnings"]) == 1


def test_a_part_of_the_image_turned(frame, capsys):
    path, noisy = frame
    part = ["--crop", "0:96,32:128", "--image", "0"]
    assert main(["diagnose", str(path), "--transpose", *part]) == 0
    first, said = capsys.readouterr().out.split("\n", 1)
    assert first == "Rows below are columns of the file, and columns its rows."
    assert said.strip() == str(diagnose(noisy[:96, 32:].T))
    assert said.strip() != str(diagnose(noisy[:96, 32:]))


def test_what_is_unknown_is_null(tmp_path, capsys, rng):
    np.save(tmp_path / "small.npy", rng.normal(size=(20, 20)))
    assert main(["diagnose", str(tmp_path / "small.npy"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["correlation"]["rows"] == [None, None]


def test_what_is_no_image_ends_with_one_line(tmp_path, capsys):
    np.save(tmp_path / "hole.npy", np.full((64, 64), np.nan))
    assert main(["diagnose", str(tmp_path / "hole.npy")]) == 1
    assert "contains NaN" in capsys.readouterr().err
    assert main(["diagnose", str(tmp_path / "none.tif")]) == 1
    assert capsys.readouterr().err.count("\n") == 1
