"""A program of a user, for mypy: `make lint` reads it, and a test runs it."""

from pathlib import Path
from typing import assert_type

import numpy as np

import sk_noise2sr
from sk_noise2sr import VSTBM3D, Noise2SR, datasets
from sk_noise2sr.io import Calibration, read_image, write_image
from sk_noise2sr.metrics import psnr
from sk_noise2sr.noise import Diagnosis, diagnose
from sk_noise2sr.trust import ErrorBars, Evidence, evidence_map

Image = np.ndarray
Pair = tuple[np.ndarray, np.ndarray]


def use(folder: Path) -> None:
    """Denoise a file, ask how far to trust it, and write the result."""
    clean, noisy = datasets.make_hrem((64, 64), random_state=0)
    write_image(folder / "frame.tif", noisy, Calibration((0.01, 0.01), "nm"))
    image, calibration = read_image(str(folder / "frame.tif"))
    assert_type(calibration, Calibration)
    assert_type(diagnose(image), Diagnosis)

    denoiser = VSTBM3D(binning="auto").fit(image)
    assert_type(denoiser, VSTBM3D)
    denoised = denoiser.transform(image)
    assert_type(denoised, Image)
    assert_type(psnr(clean, denoised), float)
    assert_type(evidence_map(image, denoised), Evidence)
    assert_type(ErrorBars(VSTBM3D(), n_refits=2).fit(image).transform(image, return_std=True), Pair)
    write_image(folder / "clean.tif", denoised, calibration)


def misuse() -> None:
    """Call what mypy has to refuse: a comment on a line without an error is an error."""
    Noise2SR(epochs="many")  # type: ignore[arg-type]
    Noise2SR(epoch=3)  # type: ignore[call-arg]
    read_image(3)  # type: ignore[arg-type]
    VSTBM3D().transform(np.eye(8), return_spread=True)  # type: ignore[call-arg]
    VSTBM3D().transform(np.eye(8), return_std=True)  # type: ignore[arg-type]


def learned(movie: np.ndarray) -> None:
    """Methods with a network: one array, or two where the spread is asked for."""
    network = Noise2SR.from_preset("fast", M=4, random_state=0).fit(movie)
    assert_type(network, Noise2SR)
    assert_type(network.transform(movie), Image)
    assert_type(network.transform(movie, return_spread=True), Pair)
    assert_type(network.score(movie), float)
    assert_type(sk_noise2sr.denoise(movie, "fast", max_time=60), Image)
