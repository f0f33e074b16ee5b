"""The picture of a result."""

import numpy as np
import pytest
from skimage.io import imread

from sk_noise2sr.io import Calibration
from sk_noise2sr.report import save_columns, save_comparison

pytest.importorskip("matplotlib")


def test_three_panels_are_drawn(tmp_path, noisy, clean):
    save_comparison(tmp_path / "look.png", noisy, clean)
    picture = imread(tmp_path / "look.png")
    height, width = picture.shape[:2]
    assert width > 2 * height
    thirds = np.array_split(picture[height // 4 : 3 * height // 4, :, 0], 3, axis=1)
    assert all(third.std() > 20 for third in thirds)


def test_each_image_has_a_grey_scale_of_its_own(tmp_path, noisy, clean):
    """On the scale of the result, half of the noisy pixels would be black or white."""
    save_comparison(tmp_path / "look.png", noisy, clean)
    picture = imread(tmp_path / "look.png")[60:450, 20:430, 0]
    assert np.mean((picture < 5) | (picture > 250)) < 0.1


def test_a_scale_bar_is_drawn_where_there_is_a_pixel_size(tmp_path, noisy, clean):
    pixel = Calibration((0.02, 0.02), "nm")
    save_comparison(tmp_path / "plain.png", noisy, clean)
    save_comparison(tmp_path / "bar.png", noisy, clean, calibration=pixel)
    plain, bar = (imread(tmp_path / f"{name}.png")[..., :3] for name in ("plain", "bar"))
    changed = np.argwhere((plain != bar).any(axis=2))
    assert changed[:, 0].min() > bar.shape[0] * 0.75
    assert bar[changed[:, 0], changed[:, 1]].max() == 255


def test_a_result_without_residual_can_be_drawn(tmp_path, clean):
    save_comparison(tmp_path / "look.png", clean, clean)
    assert (tmp_path / "look.png").exists()


def test_missing_pixels_take_no_panel_away(tmp_path, noisy, clean):
    noisy = noisy.copy()
    noisy[:20], noisy[40, 40] = np.nan, np.inf
    denoised = np.where(np.isnan(noisy), np.nan, clean)
    save_comparison(tmp_path / "look.png", noisy, denoised, std=np.abs(denoised))
    picture = imread(tmp_path / "look.png")
    height = picture.shape[0]
    quarters = np.array_split(picture[height // 2 : 3 * height // 4, :, 0], 4, axis=1)
    grey = [np.mean((quarter > 30) & (quarter < 225)) for quarter in quarters]
    assert min(grey) > 0.3


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("shape", [(20, 2000), (2000, 20), (2, 300)])
def test_strips_are_drawn_so_that_they_can_be_seen(tmp_path, rng, shape):
    """A strip was a line among overlapping words, or a picture of a hundred million pixels."""
    noisy, names = rng.normal(size=shape), ("row", "column", "height")
    table = np.zeros(0, [(f"{kind}{name}", float) for kind in ("", "pull_") for name in names])
    bar = Calibration((0.1, 0.1), "nm")
    save_comparison(tmp_path / "a.png", noisy, 0 * noisy, calibration=bar, std=abs(noisy))
    save_columns(tmp_path / "b.png", noisy, table, calibration=bar)
    for name, least in (("a.png", 400), ("b.png", 150)):
        height, width = imread(tmp_path / name).shape[:2]
        assert min(height, width) >= least
        assert max(height, width) <= 3000


def test_images_of_several_shapes_are_refused(tmp_path):
    image, stack = np.ones((8, 8)), np.ones((2, 8, 8))
    table = np.zeros(0, dtype=[(f"pull_{name}", float) for name in ("row", "column", "height")])
    words = r"Expected images \(height, width\) of one shape, got .* Give one frame of a stack"
    for images, std in (((image, image[:5]), None), ((stack, stack), None), ((image,) * 2, stack)):
        with pytest.raises(ValueError, match=words):
            save_comparison(tmp_path / "look.png", *images, std=std)
    with pytest.raises(ValueError, match=words):
        save_columns(tmp_path / "look.png", stack, table)
    assert not list(tmp_path.iterdir())
