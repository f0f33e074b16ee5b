"""The picture of a result."""

import numpy as np
import pytest
from skimage.io import imread

from sk_noise2sr.io import Calibration
from sk_noise2sr.report import save_comparison

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
