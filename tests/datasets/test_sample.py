"""The sample: the file in the package is what the generator draws."""

import numpy as np
import tifffile

from sk_noise2sr.datasets import load_sample, make_hrem, sample_path
from sk_noise2sr.datasets._sample import PARAMETERS, write_sample


def test_the_file_is_what_the_generator_draws():
    """Counts are drawn from a mean in float32, so that rounding of the transform rarely shows."""
    _, noisy = load_sample()
    assert np.sum(noisy != make_hrem(**PARAMETERS)[1]) <= 5


def test_clean_and_noisy_show_the_same_scene():
    """The residual of 8 electrons a pixel has variance clean / 8, which a shift would raise."""
    clean, noisy = load_sample()
    assert clean.shape == noisy.shape == (256, 256)
    assert clean.dtype == noisy.dtype == np.float32
    np.testing.assert_allclose(np.mean((noisy - clean) ** 2 / clean), 1 / 8, rtol=0.02)


def test_the_file_was_made_by_write_sample(tmp_path):
    write_sample(tmp_path / "sample.tif")
    written = tifffile.imread(tmp_path / "sample.tif")
    assert np.sum(written != tifffile.imread(sample_path())) <= 5


def test_the_file_is_small_and_carries_its_pixel_size():
    assert sample_path().stat().st_size < 300_000
    with tifffile.TiffFile(sample_path()) as file:
        assert file.imagej_metadata["unit"] == "nm"
        for axis in "XY":
            pixels, nanometres = file.pages[0].tags[f"{axis}Resolution"].value
            assert pixels / nanometres == 1 / PARAMETERS["pixel_size"]
