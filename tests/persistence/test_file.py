"""Denoisers come back from files as they were; files that are anything else are refused."""

import inspect
import json
import os

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.numpy import save_file
from sklearn.base import clone
from sklearn.pipeline import make_pipeline

from sk_noise2sr import VSTBM3D, Noise2SR, SupervisedDenoiser, Training, denoisers
from sk_noise2sr.engine import _plan
from sk_noise2sr.persistence import _file, load, save

SMALL = {"epochs": 1, "random_state": 0, "verbose": 0, "M": 2, "n_features": 8}
SMALL["training"] = Training(crop_size=16, held_out=1e-9)


@pytest.fixture(autouse=True)
def few_steps(monkeypatch):
    """Cut trainings to four steps an epoch."""
    monkeypatch.setattr(_plan, "CROPS_PER_EPOCH", 4)


def small(estimator_class, **parameters):
    accepted = inspect.signature(estimator_class).parameters
    parameters = {
        name: value for name, value in {**SMALL, **parameters}.items() if name in accepted
    }
    return estimator_class(**parameters)


def parameters_of(estimator):
    """Return the parameters, those of ``training`` one by one: another object holds them."""
    parameters = estimator.get_params()
    return {name: value for name, value in parameters.items() if name != "training"}


def fit_of(state):
    return state["fit_"]["Fit"]


def rewrite(path, change, hashed=True):
    """Change the header and the arrays of a file; with a hash that fits, as an attacker would."""
    with safe_open(path, framework="numpy") as file:
        header = file.metadata()
        arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    state = json.loads(header["state"])
    change(header, state, arrays)
    header["state"] = json.dumps(state)
    if hashed:
        header["sha256"] = _file._hash(header, arrays)
    save_file(arrays, path, metadata=header)


@pytest.fixture
def saved(tmp_path, noisy):
    """Return a file that holds a fitted Noise2SR."""
    save(small(Noise2SR).fit(noisy), tmp_path / "fit.safetensors")
    return tmp_path / "fit.safetensors"


@pytest.mark.parametrize("name", denoisers.__all__)
def test_every_denoiser_comes_back_bit_by_bit(name, tmp_path, noisy, clean):
    estimator_class = getattr(denoisers, name)
    denoiser = small(estimator_class, refine=True).fit(noisy, clean)
    save(denoiser, tmp_path / "fit.safetensors")
    same = load(tmp_path / "fit.safetensors")
    assert type(same) is estimator_class
    assert repr(same) == repr(denoiser)
    assert parameters_of(same) == parameters_of(denoiser)
    assert sorted(vars(same)) == sorted(vars(denoiser))
    np.testing.assert_array_equal(same.transform(noisy), denoiser.transform(noisy), strict=True)


@pytest.mark.parametrize(
    "denoiser",
    [
        VSTBM3D(noise=(0.1, 0.02)),
        small(SupervisedDenoiser, noise=(0.1, 0.0)),
        small(denoisers.FBIDenoiser, noise=(0.1, 0.02)),
        small(Noise2SR, binning=np.float64(1.5), random_state=np.random.RandomState(3)),
    ],
    ids=lambda each: type(each).__name__,
)
def test_parameters_of_all_kinds_come_back(denoiser, tmp_path, noisy, clean):
    denoiser.fit(noisy, clean)
    save(denoiser, tmp_path / "fit.safetensors")
    same = load(tmp_path / "fit.safetensors")
    np.testing.assert_array_equal(same.transform(noisy), denoiser.transform(noisy))
    np.testing.assert_array_equal(
        clone(same).fit_transform(noisy, clean), clone(denoiser).fit_transform(noisy, clean)
    )


def test_what_is_not_fitted_comes_back_unfitted(tmp_path):
    save(Noise2SR(stride=3), tmp_path / "plain.safetensors")
    assert repr(load(tmp_path / "plain.safetensors")) == "Noise2SR(stride=3)"


def test_a_fit_on_a_constant_image_comes_back(tmp_path):
    flat = np.full((32, 32), 7.0)
    save(small(Noise2SR).fit(flat), tmp_path / "flat.safetensors")
    np.testing.assert_array_equal(load(tmp_path / "flat.safetensors").transform(flat), flat)


def test_only_the_finished_file_is_left_and_anyone_may_read_it(saved, tmp_path):
    (tmp_path / "plain").touch()
    assert sorted(os.listdir(tmp_path)) == ["fit.safetensors", "plain"]
    assert saved.stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_a_file_is_not_overwritten_unless_asked(saved):
    with pytest.raises(FileExistsError, match="exists; pass overwrite=True"):
        save(VSTBM3D(), saved)
    assert isinstance(load(saved), Noise2SR)
    save(VSTBM3D(), saved, overwrite=True)
    assert isinstance(load(saved), VSTBM3D)


def test_a_truncated_file_is_called_damaged(saved):
    whole = saved.read_bytes()
    for kept in (0, 5, 100, len(whole) // 2, len(whole) - 1):
        saved.write_bytes(whole[:kept])
        with pytest.raises(ValueError, match=r"^fit\.safetensors is damaged"):
            load(saved)


def test_no_altered_byte_goes_unnoticed(saved, rng):
    whole = saved.read_bytes()
    for position in rng.integers(8, len(whole), 60):
        altered = bytearray(whole)
        altered[position] ^= 1 << rng.integers(8)
        saved.write_bytes(altered)
        with pytest.raises(ValueError, match=r"^fit\.safetensors (is|was|holds) "):
            load(saved)


def test_an_altered_weight_is_told_by_the_hash(saved):
    def change(header, state, arrays):
        arrays["1"] = arrays["1"] + 1

    rewrite(saved, change, hashed=False)
    with pytest.raises(ValueError, match="was altered after it was written"):
        load(saved)


def another_format(header, state, arrays):
    header["format"] = "2"
    header["sk_noise2sr"] = "7.1"


def no_denoiser(header, state, arrays):
    header["denoiser"] = "Popen"


def unknown_parameter(header, state, arrays):
    state["command"] = "rm"


def bad_parameter(header, state, arrays):
    state["stride"] = -3


def unknown_kind(header, state, arrays):
    state["grid_"] = {"os.system": {"command": "true"}}


def private_attribute(header, state, arrays):
    state["__class__"] = "str"


def other_network(header, state, arrays):
    state["stride"] = 3
    fit_of(state)["parameters"]["dict"]["stride"] = 3


def missing_array(header, state, arrays):
    fit_of(state)["network"]["dict"].popitem()


def wrong_names(header, state, arrays):
    fit_of(state)["network"] = 5


def no_grid(header, state, arrays):
    del fit_of(state)["grid"]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (another_format, r"is in format 2 of sk_noise2sr 7\.1; sk_noise2sr .* reads format 1"),
        (no_denoiser, "holds a Popen, which is no denoiser of sk_noise2sr"),
        (unknown_parameter, "holds no Noise2SR .* unexpected keyword argument 'command'"),
        (bad_parameter, "holds no Noise2SR .*'stride' parameter"),
        (unknown_kind, "holds no Noise2SR .* unknown kind 'os.system'"),
        (private_attribute, "holds no Noise2SR .*__class__ is no fitted attribute"),
        (other_network, "holds no Noise2SR .*weights are not those of such a network"),
        (missing_array, "holds no Noise2SR .*weights are not those of such a network"),
        (wrong_names, "holds no Noise2SR"),
        (no_grid, "holds no Noise2SR .*binning"),
    ],
)
def test_what_is_no_denoiser_is_refused_in_one_sentence(saved, change, sentence):
    rewrite(saved, change)
    with pytest.raises(ValueError, match=sentence) as refusal:
        load(saved)
    assert str(refusal.value).startswith("fit.safetensors ")
    assert "\n" not in str(refusal.value)


def test_a_size_that_the_file_does_not_have_is_never_allocated(tmp_path, noisy):
    path = tmp_path / "fit.safetensors"
    save(small(denoisers.FBIDenoiser).fit(noisy), path)

    def huge(header, state, arrays):
        state["n_layers"] = fit_of(state)["parameters"]["dict"]["n_layers"] = 10**12

    rewrite(path, huge)
    with pytest.raises(ValueError, match=r"'n_layers' parameter .* Got 1000000000000"):
        load(path)


def test_another_safetensors_file_is_refused(tmp_path):
    save_file({"weight": np.ones(3)}, tmp_path / "other.safetensors")
    with pytest.raises(ValueError, match=r"other.safetensors was not written by"):
        load(tmp_path / "other.safetensors")


class MyDenoiser(VSTBM3D):
    """A denoiser of a user."""


class MyEncoder(torch.nn.Conv2d):
    """An encoder of a user."""

    def __init__(self, in_channels, out_channels):
        super().__init__(in_channels, out_channels, 3, padding=1)


def test_classes_of_a_user_come_back_if_they_are_given(tmp_path, noisy):
    path = tmp_path / "fit.safetensors"
    save(MyDenoiser().fit(noisy), path)
    with pytest.raises(
        ValueError, match=r"holds a MyDenoiser.* load\(path, classes=\[MyDenoiser\]\)"
    ):
        load(path)
    with pytest.raises(ValueError, match="holds a MyDenoiser"):
        load(path, classes=[MyEncoder])
    for wrong in (MyDenoiser, ["MyDenoiser"]):
        with pytest.raises(ValueError, match="Expected classes to be a list of classes"):
            load(path, classes=wrong)
    same = load(path, classes=[MyDenoiser])
    assert type(same) is MyDenoiser
    np.testing.assert_array_equal(same.transform(noisy), VSTBM3D().fit_transform(noisy))


def test_an_encoder_of_a_user_comes_back_if_it_is_given(tmp_path, noisy):
    path = tmp_path / "fit.safetensors"
    denoiser = small(Noise2SR, encoder=MyEncoder).fit(noisy)
    save(denoiser, path)
    with pytest.raises(ValueError, match=r"the class MyEncoder is not known; pass it, classes="):
        load(path)
    same = load(path, classes=[MyEncoder])
    np.testing.assert_array_equal(same.transform(noisy), denoiser.transform(noisy))


def test_a_name_of_the_package_stands_for_its_class(tmp_path):
    usurper = type("VSTBM3D", (VSTBM3D,), {})
    with pytest.raises(TypeError, match="rename your class"):
        save(usurper(), tmp_path / "fit.safetensors")


@pytest.mark.parametrize("estimator", [make_pipeline(VSTBM3D()), 5])
def test_what_is_no_denoiser_is_not_saved(estimator, tmp_path):
    with pytest.raises(TypeError, match=r"Expected a denoiser of sk_noise2sr, or .* got an? "):
        save(estimator, tmp_path / "fit.safetensors")
    assert os.listdir(tmp_path) == []


def test_a_function_is_not_saved(tmp_path):
    with pytest.raises(ValueError, match="of its encoder a function has no place"):
        save(Noise2SR(encoder=lambda inputs, outputs: None), tmp_path / "fit.safetensors")
    assert os.listdir(tmp_path) == []


def test_folders_and_missing_files_are_called_that(tmp_path):
    with pytest.raises(IsADirectoryError, match="is a folder"):
        save(VSTBM3D(), tmp_path)
    with pytest.raises(FileNotFoundError, match=r"The folder .* does not exist"):
        save(VSTBM3D(), tmp_path / "no" / "fit.safetensors")
    with pytest.raises(FileNotFoundError, match=r"fit.safetensors does not exist in"):
        load(tmp_path / "fit.safetensors")
    with pytest.raises(OSError, match="is no regular file"):
        load(tmp_path)
