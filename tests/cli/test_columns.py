"""The command `columns`: a table that any program reads."""

from pathlib import Path

import numpy as np
import pytest
from scipy.ndimage import label
from skimage.io import imread

from sk_noise2sr.io import write_image
from sk_noise2sr.noise import PoissonGaussian
from sk_noise2sr.report import far_columns
from sk_noise2sr.trust import measure_columns

WORDS = ["columns", "noisy.npy", "--denoised", "clean.npy"]


@pytest.fixture(autouse=True)
def files(tmp_path, monkeypatch):
    """Step into a folder with an image of 16 columns, noisy and clean."""
    monkeypatch.chdir(tmp_path)
    rows, columns = np.mgrid[:64, :64]
    clean = np.ones((64, 64))
    for middle in np.ndindex(4, 4):
        row, column = 16 * np.array(middle) + 8
        clean += np.exp(-((rows - row) ** 2 + (columns - column) ** 2) / 18)
    noisy = PoissonGaussian(0.05, 0.02).sample(clean, 0)
    write_image("noisy.npy", noisy)
    write_image("clean.npy", clean)


def test_the_table_is_that_of_measure_columns(run, capsys):
    assert run(*WORDS, "-o", "out.csv") == 0
    table = np.genfromtxt("out.csv", delimiter=",", names=True)
    expected = measure_columns(np.load("noisy.npy"), np.load("clean.npy"))
    assert len(table) == 16
    assert table.dtype.names == expected.dtype.names
    np.testing.assert_array_equal(table["raw_row"], expected["raw_row"])
    assert "16 columns" in capsys.readouterr().out


def test_no_file_is_replaced_unasked(run, capsys):
    Path("out.csv").write_text("mine")
    assert run(*WORDS, "-o", "out.csv") == 1
    assert Path("out.csv").read_text() == "mine"
    assert "--force" in capsys.readouterr().err
    assert run(*WORDS, "-o", "out.docx") == 2
    assert "--output writes .csv files, not out.docx" in capsys.readouterr().err


def test_the_default_name_and_a_part(run):
    assert run(*WORDS, "--crop", "0:32,:") == 0
    table = np.genfromtxt("noisy_columns.csv", delimiter=",", names=True)
    assert len(table) == 8


def test_inputs_are_safe_and_sizes_are_compared(run, capsys):
    assert run(*WORDS, "-o", "clean.npy", "--force") == 2
    assert "is an input" in capsys.readouterr().err
    write_image("half.npy", np.ones((32, 64)))
    assert run(*WORDS[:-1], "half.npy") == 1
    assert "half.npy is 32 x 64" in capsys.readouterr().err


def test_columns_are_drawn_on_the_result(run, capsys):
    assert run(*WORDS, "--picture", "look.png") == 0
    red, green, blue = imread("look.png")[..., :3].astype(int).transpose(2, 0, 1)
    _, n = label((blue - red > 60) & (green - red > 60))  # cyan: none is wrong
    assert n == 16
    assert not (red - blue > 60).any()
    assert run(*WORDS, "--force", "--picture", "look.jpg") == 2
    assert "--picture writes .png files" in capsys.readouterr().err


def test_a_frame_of_a_stack(run, capsys):
    noisy, clean = (np.load(name) for name in ("noisy.npy", "clean.npy"))
    write_image("movie.npy", np.stack([noisy[::-1], noisy, noisy.T]))
    write_image("movies.npy", np.stack([clean, clean, clean]))
    expected = measure_columns(noisy, clean)
    for partner in ("clean.npy", "movies.npy"):
        words = ["columns", "movie.npy", "--denoised", partner]
        assert run(*words, "--frame", "1", "-o", "out.csv", "--force") == 0
        table = np.genfromtxt("out.csv", delimiter=",", names=True)
        np.testing.assert_array_equal(table["raw_row"], expected["raw_row"])
    capsys.readouterr()
    assert run(*words) == 1
    assert "holds a stack of 3 frames; choose one, such as --frame 0" in capsys.readouterr().err
    assert run(*words, "--frame", "3") == 1
    assert "has frames from 0 to 2, and no frame 3" in capsys.readouterr().err
    write_image("two.npy", np.stack([clean, clean]))
    assert run(*words[:-1], "two.npy", "--frame", "2") == 1
    assert "two.npy is 2 x 64 x 64" in capsys.readouterr().err
    assert run(*WORDS, "--frame", "0") == 1
    assert "holds a single image; leave out --frame" in capsys.readouterr().err
    assert run(*WORDS, "--frame", "-1") == 2
    assert "expected a whole number of 0 or more" in capsys.readouterr().err


def test_the_line_and_the_picture_count_the_same(run, capsys):
    clean = np.load("clean.npy")
    write_image("moved.npy", np.roll(clean, 1, axis=1))  # places are wrong, heights right
    assert run(*WORDS[:-1], "moved.npy", "-o", "out.csv") == 0
    far = far_columns(measure_columns(np.load("noisy.npy"), np.roll(clean, 1, axis=1)))
    assert far.sum() > 8
    said = f"16 columns; in {far.sum()} the result is more than 4 standard errors from"
    assert said in capsys.readouterr().out
