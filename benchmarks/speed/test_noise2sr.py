"""Time of a training step's worth of work, of a fit and of a transform, at default settings.

Run with ``make bench``. Each has a loose check of the result: a fast wrong answer is no record.
"""

import subprocess
import sys

import numpy as np
import pytest

from sk_noise2sr import Noise2SR, datasets
from sk_noise2sr.compose import OnePassDenoiser
from sk_noise2sr.metrics import psnr


@pytest.fixture(scope="module")
def scene():
    return datasets.make_hrem((512, 512), random_state=0)


@pytest.mark.parametrize("binning", ["auto", 1])
def test_fit(benchmark, scene, binning):
    clean, noisy = scene
    denoiser = Noise2SR(epochs=5, binning=binning, random_state=0, verbose=0)
    benchmark.pedantic(denoiser.fit, args=(noisy,), rounds=3)
    assert denoiser.score(noisy, clean) > psnr(clean, noisy) + 6


@pytest.mark.parametrize("binning", ["auto", 1])
def test_transform(benchmark, scene, binning):
    clean, noisy = scene
    denoiser = Noise2SR(epochs=5, binning=binning, random_state=0, verbose=0).fit(noisy)
    denoised = benchmark.pedantic(denoiser.transform, args=(noisy,), rounds=3)
    assert psnr(clean, denoised) > psnr(clean, noisy) + 6


def test_transform_of_a_large_frame(benchmark, scene):
    denoiser = Noise2SR(epochs=5, M=4, binning=1, random_state=0, verbose=0).fit(scene[1])
    frame = np.tile(scene[1], (4, 4))
    denoised = benchmark.pedantic(denoiser.transform, args=(frame,), rounds=1)
    assert denoised.std() < frame.std() / 2


def test_transform_in_one_pass(benchmark):
    """A frame of the size of the paper's images, of a scene that is known under other noise."""
    clean, noisy = datasets.make_hrem((832, 896), random_state=0)
    frame = np.random.default_rng(1).poisson(8 * clean) / 8  # 800 e/A^2 on pixels of 0.01 nm
    teacher = Noise2SR(epochs=5, refine=False, random_state=0, verbose=0)
    denoiser = OnePassDenoiser(teacher, epochs=10, random_state=0, verbose=0).fit(noisy)
    denoised = benchmark.pedantic(denoiser.transform, args=(frame,), rounds=5)
    assert psnr(clean, denoised) > psnr(clean, denoiser.denoiser_.transform(frame)) - 1


def test_import(benchmark):
    command = [sys.executable, "-c", "import sk_noise2sr"]
    benchmark.pedantic(subprocess.run, args=(command,), kwargs={"check": True}, rounds=10)
