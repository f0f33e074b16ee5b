"""The picture of a result."""

import numpy as np
import pytest
from skimage.io import imread

from sk_noise2sr.report import save_comparison

pytest.importorskip("matplotlib")


def test_three_panels_are_drawn(tmp_path, noisy, clean):
    save_comparison(tmp_path / "look.png", noisy, clean)
    picture = imread(tmp_path / "look.png")
    height, width = picture.shape[:2]
    assert width > 2 * height
    thirds = np.array_split(picture[height // 4 : 3 * height // 4, :, 0], 3, axis=1)
    assert all(third.std() > 20 for third in thirds)


def test_a_result_without_residual_can_be_drawn(tmp_path, clean):
    save_comparison(tmp_path / "look.png", clean, clean)
    assert (tmp_path / "look.png").exists()
