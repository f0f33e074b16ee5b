"""Noise2Noise: pairs stay pairs, and a target that is none is refused in one sentence."""

import numpy as np
import pytest
import torch

from sk_noise2sr import Noise2Noise, SupervisedDenoiser
from sk_noise2sr.engine import Batch
from sk_noise2sr.grid import UNBINNED
from sk_noise2sr.metrics import psnr
from sk_noise2sr.noise import PoissonGaussian

BOTH = pytest.mark.parametrize("estimator_class", [Noise2Noise, SupervisedDenoiser])


@pytest.fixture
def second(clean):
    """Return another noisy copy of the scene."""
    return PoissonGaussian(a=0.125, b=0.0).sample(clean, random_state=1)


def spoilt(image, value):
    image = image.astype(type(value))
    image[3, 4] = value
    return image


@pytest.mark.parametrize("both_ways", [True, False])
def test_denoises(fast, noisy, second, clean, both_ways):
    denoised = fast(Noise2Noise, epochs=5, both_ways=both_ways).fit(noisy, second).transform(noisy)
    assert psnr(clean, denoised) > psnr(clean, noisy) + 3


def test_neighbours_in_time_are_second_copies_of_a_still_scene(fast, clean):
    still = np.stack([clean] * 4)
    movie = PoissonGaussian(a=0.125, b=0.0).sample(still, random_state=2)
    denoised = fast(Noise2Noise, epochs=5).fit(movie[:-1], movie[1:]).transform(movie)
    assert denoised.shape == movie.shape
    for frame, noisy in zip(denoised, movie, strict=True):  # the first and the last too
        assert psnr(clean, frame) > psnr(clean, noisy) + 3


@BOTH
@pytest.mark.parametrize(
    ("make_target", "message"),
    [
        (lambda image: None, "requires y to be passed, but the target y is None"),
        (lambda image: image[:32], "expected a target y of the shape of X, .* got 1 x 32 x 64"),
        (lambda image: image[0], "cannot use this target y: .* an array with 1 axes"),
        (lambda image: np.stack([image, image]), "expected a target y .* got 2 x 64 x 64"),
        (lambda image: spoilt(image, np.nan), "cannot use this target y: .*NaN"),
        (lambda image: spoilt(image, np.inf), "cannot use this target y: .*infinity"),
        (lambda image: spoilt(image, 1j), "cannot use this target y: Complex data"),
        (lambda image: np.ma.masked_less(image, 1), "cannot use this target y: Masked pixels"),
        (np.zeros_like, "cannot learn from a target y that is 0 in every pixel"),
        (lambda image: np.full(image.shape, "dark"), "cannot use this target y: .*numeric"),
    ],
)
def test_says_what_is_wrong_with_the_target(
    estimator_class, fast, noisy, clean, make_target, message
):
    denoiser = fast(estimator_class)
    with pytest.raises(ValueError, match=f"^{estimator_class.__name__} {message}"):
        denoiser.fit(noisy, make_target(clean))
    with pytest.raises(ValueError, match="not fitted yet"):
        denoiser.transform(noisy)


@BOTH
def test_a_stack_of_pairs_is_learned_from_together(estimator_class, fast, noisy, second, clean):
    X, y = np.stack([noisy, noisy[::-1]]), np.stack([second, second[::-1]])
    # Four poolings leave two by two pixels of such a crop: one alone has no variance to divide by.
    denoised = fast(estimator_class, epochs=8, batch_size=2, crop_size=32).fit(X, y).transform(X)
    for image, reference in zip(denoised, (clean, clean[::-1]), strict=True):
        assert psnr(reference, image) > psnr(reference, noisy) + 2


@BOTH
def test_a_constant_frame_takes_its_target_with_it(estimator_class, hurried, noisy, second, rng):
    alone = hurried(estimator_class, epochs=1).fit(noisy, second).transform(noisy)
    X = np.stack([np.ones_like(noisy), noisy])
    y = np.stack([rng.normal(size=noisy.shape), second])
    np.testing.assert_array_equal(
        hurried(estimator_class, epochs=1).fit(X, y).transform(noisy), alone
    )


@BOTH
def test_a_target_is_as_good_as_a_list_of_numbers_or_a_stack_of_one(
    estimator_class, hurried, noisy, second
):
    expected = hurried(estimator_class, epochs=1).fit(noisy, second).transform(noisy)
    for target in (second.tolist(), second[np.newaxis]):
        denoised = hurried(estimator_class, epochs=1).fit(noisy, target).transform(noisy)
        np.testing.assert_array_equal(denoised, expected)


@pytest.mark.parametrize(("both_ways", "ways"), [(True, {"there", "back"}), (False, {"there"})])
def test_copies_take_turns_as_target_if_both_ways(both_ways, ways):
    first, second = torch.randn(1, 1, 8, 8), torch.randn(1, 1, 8, 8)
    taken = set()
    for seed in range(30):
        generator = torch.Generator().manual_seed(seed)
        batch = Batch(first, torch.ones_like(first, dtype=bool), generator, 0.0, second)
        loss = (
            Noise2Noise(both_ways=both_ways)
            ._scheme(UNBINNED)
            .loss(lambda images: taken.add("there" if images is first else "back") or images, batch)
        )
        torch.testing.assert_close(loss, ((first - second) ** 2).mean())
    assert taken == ways


def test_the_published_network():
    denoiser = Noise2Noise.from_preset("paper")
    network = denoiser._scheme(UNBINNED).make_network()
    assert sum(weights.numel() for weights in network.parameters()) == 1_341_553
