"""An integer alone takes no memory and no time without end: it is clamped, or refused."""

import os
from numbers import Integral

import numpy as np
import pytest
import torch
from sklearn.utils._param_validation import Interval, InvalidParameterError

from sk_noise2sr import Noise2SR, SupervisedDenoiser, Training, compose, datasets
from sk_noise2sr.cli._methods import find_methods
from sk_noise2sr.compose import OnePassDenoiser
from sk_noise2sr.engine._device import limit_threads
from sk_noise2sr.model_selection import DenoiserSelector
from sk_noise2sr.trust import ErrorBars

HUGE = 10**10 + 1  # odd, as windows are
OTHERS = (OnePassDenoiser, DenoiserSelector, ErrorBars, Training)
STEPS = tuple(
    step for name in compose.__all__ if hasattr(step := getattr(compose, name), "fit_transform")
)
CLASSES = dict.fromkeys((*find_methods().values(), *STEPS, *OTHERS))
# What images, processors or memory clamp: larger is as good as large, or is refused with a reason.
CLAMPED = {"batch_size", "crop_size", "patience"}
CLAMPED |= {"context", "max_memory", "max_size", "n_threads", "stride", "window"}


def integers():
    """Yield classes, names of integer parameters, and the largest value allowed."""
    for estimator_class in CLASSES:
        constraints = getattr(estimator_class, "_parameter_constraints", {})
        for name, allowed in constraints.items():
            for each in allowed:
                if isinstance(each, Interval) and each.type is Integral:
                    yield pytest.param(
                        estimator_class, name, each.right, id=f"{estimator_class.__name__}-{name}"
                    )


def made(estimator_class, **parameters):
    if "denoiser" in estimator_class._parameter_constraints:
        parameters["denoiser"] = Noise2SR()
    if "candidates" in estimator_class._parameter_constraints:
        parameters["candidates"] = [Noise2SR()]
    return estimator_class(**parameters)


@pytest.mark.parametrize(("estimator_class", "name", "largest"), list(integers()))
def test_an_integer_has_an_end(estimator_class, name, largest):
    assert largest is not None or name in CLAMPED
    if largest is not None:
        made(estimator_class, **{name: largest})._validate_params()
        with pytest.raises(InvalidParameterError, match=rf"'{name}' parameter .*\b{largest}\]"):
            made(estimator_class, **{name: largest + 1})._validate_params()


def unbounded():
    found = [parameter.values[:2] for parameter in integers() if parameter.values[2] is None]
    return sorted({name: owner for owner, name in found if name != "n_threads"}.items())


@pytest.mark.parametrize(("name", "owner"), unbounded())
def test_what_clamps_an_integer_that_has_none(name, owner, rng):
    image = rng.poisson(9, (16, 16)).astype(np.float32)
    if owner is Training:
        denoiser = Noise2SR(epochs=1, M=1, verbose=0, training=Training(**{name: HUGE}))
    else:
        quick = {"epochs": 1, "verbose": 0} if hasattr(owner(), "epochs") else {}
        denoiser = owner(**quick, **{name: HUGE})
    target = image if getattr(owner, "_needs_target", False) else None
    if name in ("batch_size", "stride", "window"):
        with pytest.raises(ValueError, match=rf"^(Expected sides of at least|{name}={HUGE} )"):
            denoiser.fit(image, target)
    else:
        assert denoiser.fit(image, target).transform(image).shape == image.shape


def test_threads_beyond_the_processors_are_left_out():
    with limit_threads(HUGE, work=1):
        assert torch.get_num_threads() <= os.cpu_count()


def test_a_network_that_fits_into_no_memory(rng):
    image = rng.normal(size=(16, 16))
    with pytest.raises(ValueError, match=r"A network of 5\.7e\+09 weights fits into no memory: "):
        SupervisedDenoiser(n_features=4096, n_scales=4).fit(image, image)


@pytest.mark.parametrize("make", [datasets.make_hrem, datasets.make_movie, datasets.make_stem])
def test_images_that_fit_into_no_memory(make):
    with pytest.raises(ValueError, match=r"^Expected at most 1,073,741,824 pixels in all, got sh"):
        make(shape=(10**6, 10**6))


def test_a_movie_that_fits_into_no_memory():
    with pytest.raises(ValueError, match="pixels in all"):
        datasets.make_movie(shape=(1000, 1000), n_frames=10_000)
