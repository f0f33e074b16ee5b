"""Provenance says how an image was made, in words that JSON knows."""

import hashlib
import json

import numpy as np
import pytest

import sk_noise2sr
from sk_noise2sr import VSTBM3D, AdaptiveWiener, FBIDenoiser, Noise2SR, SupervisedDenoiser
from sk_noise2sr.noise import PoissonGaussian
from sk_noise2sr.persistence import provenance_of


def test_it_names_the_method_its_parameters_and_the_input(tmp_path, noisy):
    (tmp_path / "frame.tif").write_bytes(b"pixels")
    about = provenance_of(VSTBM3D(noise=(0.125, 0.02)).fit(noisy), tmp_path / "frame.tif")
    assert about == json.loads(json.dumps(about))
    assert about["denoiser"] == "VSTBM3D"
    assert about["parameters"] == {"noise": [0.125, 0.02], "binning": "auto", "refine": True}
    line = {"gain_factor": 0.125, "gain_offset": 0.02**2, "correlation_factor": 1.0}
    assert about["noise"] == {"a": 0.125, "b": 0.02, "offset": 0.0, **line}
    assert about["versions"]["sk_noise2sr"] == sk_noise2sr.__version__
    assert about["input"] == {
        "name": "frame.tif",
        "sha256": hashlib.sha256(b"pixels").hexdigest(),
    }


@pytest.mark.parametrize("denoiser", [VSTBM3D(), AdaptiveWiener(), FBIDenoiser(), Noise2SR()])
def test_the_noise_that_was_fitted_is_told(denoiser, clean, fast):
    noisy = PoissonGaussian(a=0.5, b=0.1).sample(np.tile(4 * clean, (2, 2)), random_state=0)
    if hasattr(denoiser, "epochs"):
        denoiser = fast(type(denoiser))
    noise = provenance_of(denoiser.fit(noisy))["noise"]
    variance = noise["gain_factor"] * noisy.mean() + noise["gain_offset"]
    assert variance == pytest.approx(0.5 * noisy.mean() + 0.01, rel=0.25)
    above = noisy.mean() - noise["offset"]
    assert variance == pytest.approx(noise["a"] * above + noise["b"] ** 2)


def test_noise_is_told_in_the_units_of_the_image(noisy, clean, fast):
    denoiser = fast(SupervisedDenoiser, noise=(0.1, 0.02), n_scales=2, n_features=8)
    noise = provenance_of(denoiser.fit(noisy, clean))["noise"]
    assert (noise["a"], noise["b"]) == (0.1, 0.02)


def test_the_seed_in_use_is_told_even_where_none_was_given(noisy, fast):
    denoiser = fast(Noise2SR, random_state=None).fit(noisy)
    assert provenance_of(denoiser)["random_state"] is None
    assert provenance_of(denoiser)["seed"] == denoiser.seed_


def test_a_store_is_named_and_not_hashed(tmp_path):
    (tmp_path / "movie.zarr").mkdir()
    assert provenance_of(VSTBM3D(), tmp_path / "movie.zarr")["input"] == {"name": "movie.zarr"}


def test_versions_are_looked_up_once_for_all_files_of_a_batch(monkeypatch):
    provenance_of(AdaptiveWiener())
    monkeypatch.delattr("importlib.metadata.version")
    assert provenance_of(AdaptiveWiener())["versions"]["numpy"] == np.__version__
