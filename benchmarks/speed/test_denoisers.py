"""Time of every denoiser on one image, in short fits; found by walking ``sk_noise2sr.denoisers``.

Run with ``make bench``. Each has a loose check of the result: a fast wrong answer is no record.
"""

import inspect

import pytest

from sk_noise2sr import datasets, denoisers
from sk_noise2sr.metrics import psnr
from sk_noise2sr.noise import PoissonGaussian

DOSE = 8  # counts in a pixel of vacuum, as in make_hrem


@pytest.fixture(scope="module")
def scene():
    return datasets.make_hrem((256, 256), random_state=0)


@pytest.mark.parametrize("name", denoisers.__all__)
def test_fit_and_transform(benchmark, scene, name):
    clean, noisy = scene
    estimator_class = getattr(denoisers, name)
    accepted = inspect.signature(estimator_class).parameters
    short = {"epochs": 5, "random_state": 0, "verbose": 0}
    denoiser = estimator_class(**{key: short[key] for key in short if key in accepted})
    second = PoissonGaussian(1 / DOSE, 0).sample(clean, 1)
    target = clean if name == "SupervisedDenoiser" else second

    def run():
        return denoiser.fit(noisy, target).transform(noisy)

    denoised = benchmark.pedantic(run, rounds=1)
    assert psnr(clean, denoised) > psnr(clean, noisy) + 6
