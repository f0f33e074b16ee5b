"""The command `columns`: a table that any program reads."""

import numpy as np
import pytest
from scipy.ndimage import label
from skimage.io import imread

from sk_noise2sr.cli import main
from sk_noise2sr.io import write_image
from sk_noise2sr.noise import PoissonGaussian
from sk_noise2sr.report import far_columns
from sk_noise2sr.trust import measure_columns


@pytest.fixture
def files(tmp_path):
    rows, columns = np.mgrid[:64, :64]
    clean = np.ones((64, 64))
    for middle in np.ndindex(4, 4):
        row, column = 16 * np.array(middle) + 8
        clean += np.exp(-((rows - row) ** 2 + (columns - column) ** 2) / 18)
    noisy = PoissonGaussian(0.05, 0.02).sample(clean, 0)
    write_image(tmp_path / "noisy.npy", noisy)
    write_image(tmp_path / "clean.npy", clean)
    return tmp_path


def test_the_table_is_that_of_measure_columns(files, capsys):
    words = ["columns", str(files / "noisy.npy"), "--denoised", str(files / "clean.npy")]
    assert main([*words, "-o", str(files / "out.csv")]) == 0
    table = np.genfromtxt(files / "out.csv", delimiter=",", names=True)
    expected = measure_columns(np.load(files / "noisy.npy"), np.load(files / "clean.npy"))
    assert len(table) == 16
    assert table.dtype.names == expected.dtype.names
    np.testing.assert_array_equal(table["raw_row"], expected["raw_row"])
    assert "16 columns" in capsys.readouterr().out


def test_no_file_is_replaced_unasked(files, capsys):
    (files / "out.csv").write_text("mine")
    words = ["columns", str(files / "noisy.npy"), "--denoised", str(files / "clean.npy")]
    assert main([*words, "-o", str(files / "out.csv")]) == 1
    assert (files / "out.csv").read_text() == "mine"
    assert "--force" in capsys.readouterr().err


def test_the_default_name_and_a_part(files, capsys):
    words = ["columns", str(files / "noisy.npy"), "--denoised", str(files / "clean.npy")]
    assert main([*words, "--crop", "0:32,:"]) == 0
    table = np.genfromtxt(files / "noisy_columns.csv", delimiter=",", names=True)
    assert len(table) == 8


def test_inputs_are_safe_and_sizes_are_compared(files, capsys):
    words = ["columns", str(files / "noisy.npy"), "--denoised", str(files / "clean.npy")]
    with pytest.raises(SystemExit):
        main([*words, "-o", str(files / "clean.npy"), "--force"])
    assert "is an input" in capsys.readouterr().err
    write_image(files / "half.npy", np.ones((32, 64)))
    assert main([*words[:-1], str(files / "half.npy")]) == 1
    assert "half.npy is 32 x 64" in capsys.readouterr().err


def test_columns_are_drawn_on_the_result(files, capsys):
    words = ["columns", str(files / "noisy.npy"), "--denoised", str(files / "clean.npy")]
    assert main([*words, "--picture", str(files / "look.png")]) == 0
    red, green, blue = imread(files / "look.png")[..., :3].astype(int).transpose(2, 0, 1)
    _, n = label((blue - red > 60) & (green - red > 60))  # cyan: none is wrong
    assert n == 16
    assert not (red - blue > 60).any()
    with pytest.raises(SystemExit):
        main([*words, "--force", "--picture", str(files / "look.jpg")])
    assert "--picture writes .png files" in capsys.readouterr().err


def test_a_frame_of_a_stack(files, capsys):
    noisy, clean = (np.load(files / name) for name in ("noisy.npy", "clean.npy"))
    write_image(files / "movie.npy", np.stack([noisy[::-1], noisy, noisy.T]))
    write_image(files / "movies.npy", np.stack([clean, clean, clean]))
    expected = measure_columns(noisy, clean)
    for partner in ("clean.npy", "movies.npy"):
        words = ["columns", str(files / "movie.npy"), "--denoised", str(files / partner)]
        assert main([*words, "--frame", "1", "-o", str(files / "out.csv"), "--force"]) == 0
        table = np.genfromtxt(files / "out.csv", delimiter=",", names=True)
        np.testing.assert_array_equal(table["raw_row"], expected["raw_row"])
    capsys.readouterr()
    assert main(words) == 1
    assert "holds a stack of 3 frames; choose one, such as --frame 0" in capsys.readouterr().err
    assert main([*words, "--frame", "3"]) == 1
    assert "has frames from 0 to 2, and no frame 3" in capsys.readouterr().err
    write_image(files / "two.npy", np.stack([clean, clean]))
    assert main([*words[:-1], str(files / "two.npy"), "--frame", "2"]) == 1
    assert "two.npy is 2 x 64 x 64" in capsys.readouterr().err
    words = ["columns", str(files / "noisy.npy"), "--denoised", str(files / "clean.npy")]
    assert main([*words, "--frame", "0"]) == 1
    assert "holds a single image; leave out --frame" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main([*words, "--frame", "-1"])
    assert "expected a whole number of 0 or more" in capsys.readouterr().err


def test_the_line_and_the_picture_count_the_same(files, capsys):
    clean = np.load(files / "clean.npy")
    write_image(files / "moved.npy", np.roll(clean, 1, axis=1))  # places are wrong, heights right
    words = ["columns", str(files / "noisy.npy"), "--denoised", str(files / "moved.npy")]
    assert main([*words, "-o", str(files / "out.csv")]) == 0
    far = far_columns(measure_columns(np.load(files / "noisy.npy"), np.roll(clean, 1, axis=1)))
    assert far.sum() > 8
    said = f"16 columns; in {far.sum()} the result is more than 4 standard errors from"
    assert said in capsys.readouterr().out
