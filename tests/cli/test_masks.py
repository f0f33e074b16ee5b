"""Masks and fits that were too short, on the command line."""

import numpy as np
import pytest
import tifffile

from sk_noise2sr import VSTBM3D
from sk_noise2sr.cli import main
from sk_noise2sr.io import read_image


@pytest.fixture
def folder(tmp_path, monkeypatch, noisy):
    """Step into a folder with a noisy image and a mask of a corner."""
    monkeypatch.chdir(tmp_path)
    tifffile.imwrite("frame.tif", noisy.astype("float32"))
    over = np.zeros(noisy.shape, dtype=np.uint8)
    over[:20, :20] = 255
    tifffile.imwrite("mask.tif", over)
    tifffile.imwrite("small.tif", over[:32])
    return tmp_path


def denoise(*words):
    return main(["denoise", "frame.tif", "-o", "out.tif", "--force", *words])


@pytest.mark.filterwarnings("ignore:400 of 4096 pixels lie in regions")
def test_a_mask_from_a_file_comes_back_unchanged(folder, noisy):
    assert denoise("--method", "adaptivewiener", "--mask", "mask.tif") == 0
    denoised = read_image("out.tif")[0]
    corner = noisy.astype("float32")[:20, :20]
    np.testing.assert_array_equal(denoised[:20, :20], corner)
    assert (denoised[20:] != noisy.astype("float32")[20:]).mean() > 0.9
    assert denoise("--method", "adaptivewiener", "--mask", "none") == 0
    assert (read_image("out.tif")[0][:20, :20] != corner).mean() > 0.9


def test_a_mask_of_another_size_gets_one_sentence(folder, capsys):
    assert denoise("--method", "adaptivewiener", "--mask", "small.tif") == 1
    error = capsys.readouterr().err
    assert "The mask small.tif is 32 x 64 and frame.tif is 64 x 64" in error


def test_a_fit_that_was_too_short_writes_nothing_unless_forced(folder, capsys):
    words = ["denoise", "frame.tif", "-o", "out.tif", "--max-time", "1e-9", "--held-out", "1e-9"]
    words += ["--M", "4", "--crop-size", "16", "--verbose", "0", "--random-state", "0"]
    assert main(words) == 1
    error = capsys.readouterr().err
    assert "1 of 960 steps before max_time" in error
    assert "Nothing was written; --force writes it all the same." in error
    assert not (folder / "out.tif").exists()
    with pytest.warns(UserWarning, match="1 of 960 steps"):
        assert main([*words, "--force"]) == 0
    assert read_image("out.tif")[0].shape == (64, 64)


def test_channels_are_fitted_one_by_one_and_told(folder, noisy):
    both = np.stack([noisy, 1000 + 50 * noisy[::-1]]).astype("float32")
    tifffile.imwrite("frame.tif", both, imagej=True, metadata={"axes": "CYX"})
    with pytest.warns(UserWarning, match=r"holds 2 channels\. Each is fitted and denoised alone"):
        assert denoise("--method", "vstbm3d") == 0
    denoised = read_image("out.tif")[0]
    alone = [VSTBM3D().fit_transform(channel) for channel in both]
    np.testing.assert_allclose(denoised, alone, rtol=1e-5)
    with tifffile.TiffFile("out.tif") as tiff:
        assert tiff.series[0].axes == "CYX"
