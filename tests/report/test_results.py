"""The picture of several results."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter
from skimage.io import imread

from sk_noise2sr.report import save_results

pytest.importorskip("matplotlib")


def draw(tmp_path, *arguments, **options):
    """Draw, and return the red channel of the picture: grey but for the frame."""
    save_results(tmp_path / "look.png", *arguments, **options)
    return imread(tmp_path / "look.png")[..., :3]


def grey_share(picture):
    """Return the share of the picture that is neither white nor black."""
    return np.mean((picture[..., 0] > 8) & (picture[..., 0] < 247))


@pytest.fixture
def results(noisy):
    return {f"sigma {sigma}": gaussian_filter(noisy, sigma) for sigma in (1, 2)}


def test_each_pixel_is_drawn_equally_large(tmp_path, noisy):
    """A board of 64 x 64 pixels is drawn at six times its size: runs of 6 and nothing else."""
    board = np.indices((64, 64)).sum(axis=0) % 2 + 0.0
    picture = draw(tmp_path, noisy, {"board": board})
    line = picture[38 + 6 * 32 + 3, -396:-12, 0]
    edges = np.flatnonzero(np.diff(line.astype(int)))
    assert len(edges) == 63
    assert set(np.diff(edges)) == {6}


def test_a_reference_adds_a_column_with_the_noise_itself(tmp_path, noisy, clean, results):
    without = draw(tmp_path, noisy, results)
    with_reference = draw(tmp_path, noisy, results, reference=clean)
    assert with_reference.shape[1] > without.shape[1]
    width = 384 + 12
    noise = with_reference[38 + 384 + 6 :][:384, 12 + width :][:, :384, 0].astype(float)
    expected = np.kron(noisy - clean, np.ones((6, 6)))
    inside = np.abs(expected) < 0.8 * np.abs(expected).max()
    assert np.corrcoef(noise[inside], expected[inside])[0, 1] > 0.9


def test_many_results_go_into_two_rows(tmp_path, noisy):
    few = draw(tmp_path, noisy, {str(n): noisy + n for n in range(5)})
    many = draw(tmp_path, noisy, {str(n): noisy + n for n in range(6)})
    assert many.shape[0] > 1.8 * few.shape[0]
    assert many.shape[1] < few.shape[1]


def test_of_a_large_image_the_liveliest_part_is_drawn_and_where_it_lies(tmp_path, rng):
    """Structure in the lower right corner alone: the frame is drawn there."""
    clean = np.zeros((600, 500))
    clean[450:, 380:] = np.sin(np.arange(120))
    picture = draw(tmp_path, clean + rng.normal(size=clean.shape), {"clean": clean})
    gold = (picture[..., 0] > 200) & (picture[..., 2] < 100)
    rows, columns = np.nonzero(gold)
    top, scale = 38 + 384 + 6, 384 / 600
    assert rows.min() == pytest.approx(top + (600 - 192) * scale, abs=35)
    assert rows.max() == pytest.approx(top + 600 * scale, abs=3)
    assert np.ptp(rows) == pytest.approx(192 * scale, abs=40)
    assert columns.mean() > 12 + 192


def test_a_result_that_went_wrong_does_not_spoil_the_scale(tmp_path, noisy, results):
    picture = draw(tmp_path, noisy, {**results, "sigma 3": gaussian_filter(noisy, 3), "bad": noisy})
    residuals = picture[38 + 384 + 6 :][:384, 12 + 396 :][:, :384]
    assert grey_share(residuals) > 0.9


@pytest.mark.parametrize("shape", [(3, 200), (200, 3), (700, 30)])
def test_narrow_images_can_be_drawn(tmp_path, rng, shape):
    noisy = rng.normal(size=shape)
    assert draw(tmp_path, noisy, {"smooth": gaussian_filter(noisy, 1)}).shape[1] > 500


def test_a_constant_image_without_residual_can_be_drawn(tmp_path):
    assert draw(tmp_path, np.ones((9, 9)), {"same": np.ones((9, 9))}).size


@pytest.mark.parametrize(
    ("results", "message"),
    [
        ({}, "Expected at least one result to draw, got none"),
        ({"half": np.ones((32, 64))}, r"shape \(64, 64\) and 'half' of shape \(32, 64\)"),
    ],
)
def test_says_what_is_wrong_and_writes_nothing(tmp_path, noisy, results, message):
    with pytest.raises(ValueError, match=message):
        save_results(tmp_path / "look.png", noisy, results)
    assert not list(tmp_path.iterdir())


def test_missing_pixels_leave_a_scale_for_the_rest(tmp_path, rng):
    """The residual is drawn, and of a large image the part with structure."""
    clean = np.zeros((500, 500))
    clean[380:, 380:] = np.sin(np.arange(120))
    noisy = clean + rng.normal(scale=0.1, size=clean.shape)
    noisy[:60], noisy[300, 300] = np.nan, np.inf
    picture = draw(tmp_path, noisy, {"clean": np.where(np.isnan(noisy), np.nan, clean)})
    assert grey_share(picture[-440:-60, -384:]) > 0.5
