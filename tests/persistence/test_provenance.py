"""Provenance says how an image was made, in words that JSON knows."""

import hashlib
import json

import sk_noise2sr
from sk_noise2sr import VSTBM3D, Noise2SR
from sk_noise2sr.persistence import provenance_of


def test_it_names_the_method_its_parameters_and_the_input(tmp_path, noisy):
    (tmp_path / "frame.tif").write_bytes(b"pixels")
    about = provenance_of(VSTBM3D(noise=(0.125, 0.02)).fit(noisy), tmp_path / "frame.tif")
    assert about == json.loads(json.dumps(about))
    assert about["denoiser"] == "VSTBM3D"
    assert about["parameters"] == {"noise": [0.125, 0.02], "binning": "auto"}
    assert about["noise"] == {"a": 0.125, "b": 0.02, "offset": 0.0}
    assert about["versions"]["sk_noise2sr"] == sk_noise2sr.__version__
    assert about["input"] == {
        "name": "frame.tif",
        "sha256": hashlib.sha256(b"pixels").hexdigest(),
    }


def test_the_seed_in_use_is_told_even_where_none_was_given(noisy, fast):
    denoiser = fast(Noise2SR, random_state=None).fit(noisy)
    assert provenance_of(denoiser)["random_state"] is None
    assert provenance_of(denoiser)["seed"] == denoiser.seed_


def test_a_store_is_named_and_not_hashed(tmp_path):
    (tmp_path / "movie.zarr").mkdir()
    assert provenance_of(VSTBM3D(), tmp_path / "movie.zarr")["input"] == {"name": "movie.zarr"}
