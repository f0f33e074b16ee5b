"""Noise that a file declares in HyperSpy's terms is read; what is no line is left alone."""

import numpy as np
import pytest

from sk_noise2sr.io import Axis, ImageRecord, hyperspy_noise, read_noise


def declared(**noise):
    return {"Signal": {"Noise_properties": noise}}


@pytest.mark.parametrize(
    ("noise", "expected"),
    [
        ({"variance": 9.0}, (0.0, 3.0)),
        ({"Variance_linear_model": hyperspy_noise(0.5, 3.0)}, (0.5, 3.0)),
        ({"Variance_linear_model": {"gain_factor": 2}, "variance": 9.0}, (2.0, 0.0)),
        ({"variance": np.ones((4, 4))}, None),  # pixel by pixel
        ({"variance": "(array of 64 x 64 left out)"}, None),
        ({"Variance_linear_model": hyperspy_noise(0.5, 0.1, offset=20.0)}, None),
        ({"Variance_linear_model": hyperspy_noise(0.0, 0.0)}, None),
        ({"variance": float("nan")}, None),
        ({}, None),
    ],
)
def test_what_is_declared_is_read(noise, expected):
    assert read_noise(declared(**noise)) == expected
    assert read_noise({"metadata": declared(**noise), "original_metadata": {}}) == expected


def test_a_record_without_metadata_declares_nothing():
    axes = (Axis("y", 4), Axis("x", 5))
    assert read_noise(ImageRecord("frame", np.ones((4, 5)), axes)) is None
    assert read_noise({}) is None
