"""What images demand of a denoiser, beside the checks of scikit-learn.

A check gets a denoiser fitted on ``noisy``, and the images ``noisy`` and ``clean``.
"""

import io
import pickle

import joblib
import numpy as np
import torch
from numpy.testing import assert_array_equal
from sklearn.base import clone
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from ..metrics import psnr

_DTYPES = ("uint8", "int16", "uint16", "int64", "bool", "float16", "float32", "float64", ">f4")
_BAD_IMAGES = (
    np.empty((0, 0)),
    np.empty((0, 5, 5)),
    np.empty((2, 5, 0)),
    np.arange(12288.0).reshape(64, 64, 3),
    np.ones((2, 2, 8, 8)),
    np.ones(8),
    np.ones((8, 8), dtype=complex),
    np.full((8, 8), np.nan),
    np.full((8, 8), np.inf),
    np.full((8, 8), "a"),
    np.ma.masked_less(np.arange(64.0).reshape(8, 8), 64),
)


def check_other_sizes(fitted, noisy, clean):
    """Demand that another size than in fit is welcome in transform."""
    for image in (noisy[:33, :47], np.tile(noisy, (2, 1)), np.stack([noisy[:40], noisy[-40:]])):
        assert fitted.transform(image).shape == image.shape


def check_images_of_a_stack_are_denoised_one_by_one(fitted, noisy, clean):
    """Demand that an image of a stack comes out as it does alone."""
    stack = np.stack([noisy, noisy[::-1], noisy.T])
    alone = np.stack([fitted.transform(image) for image in stack])
    assert_array_equal(fitted.transform(stack), alone)


def check_dtypes(fitted, noisy, clean):
    """Demand that floating types stay, and other types become one."""
    for name in _DTYPES:
        image = (noisy > np.median(noisy) if name == "bool" else 20 * noisy).astype(name)
        denoised = fitted.transform(image)
        assert denoised.dtype.kind == "f", f"{name} became {denoised.dtype}"
        if image.dtype.kind == "f":
            assert denoised.dtype == image.dtype.newbyteorder("="), f"{name} became another type"


def check_same_seed(fitted, noisy, clean):
    """Demand the same bits of the same image, parameters and seed."""
    again = _fresh(fitted, random_state=0).fit_transform(noisy)
    assert_array_equal(_fresh(fitted, random_state=0).fit_transform(noisy), again)


def check_global_seeds_are_left_alone(fitted, noisy, clean):
    """Demand that the global generators of NumPy and torch are not touched."""
    before = torch.get_rng_state(), np.random.get_state()[1].copy()  # noqa: NPY002
    _fresh(fitted, random_state=None).fit_transform(noisy)
    assert torch.equal(before[0], torch.get_rng_state())
    assert_array_equal(before[1], np.random.get_state()[1])  # noqa: NPY002


def check_the_input_is_not_changed(fitted, noisy, clean):
    """Demand that neither fit nor transform writes into an image."""
    image = noisy.copy()
    clone(fitted).fit_transform(image)
    assert_array_equal(image, noisy)


def check_nothing_is_clipped(fitted, noisy, clean):
    """Demand that negative intensities stay negative."""
    below = noisy - noisy.max() - 1
    assert clone(fitted).fit_transform(below).mean() < 0


def check_constant_images(fitted, noisy, clean):
    """Demand that constant images, alone and as a frame of a stack, come back unchanged."""
    image = np.full((20, 30), 7, dtype="uint16")
    assert_array_equal(clone(fitted).fit_transform(image), image)
    stack = np.stack([noisy, np.full_like(noisy, 3.0)])
    assert_array_equal(clone(fitted).fit_transform(stack)[1], stack[1])


def check_score_against_a_reference(fitted, noisy, clean):
    """Demand that the score against a reference is the PSNR."""
    assert fitted.score(noisy, clean) == psnr(clean, fitted.transform(noisy))


def check_pickle_and_joblib(fitted, noisy, clean):
    """Demand the same bits of a copy by pickle or joblib."""
    expected = fitted.transform(noisy)
    file = io.BytesIO()
    joblib.dump(fitted, file)
    file.seek(0)
    for copy in (pickle.loads(pickle.dumps(fitted)), joblib.load(file)):
        assert_array_equal(copy.transform(noisy), expected)


def check_clone(fitted, noisy, clean):
    """Demand that a clone has the parameters, and not the fit."""
    copy = clone(fitted)
    assert repr(copy) == repr(fitted)
    assert not [name for name in vars(copy) if name.endswith("_")]


def check_pipeline(fitted, noisy, clean):
    """Demand of a Pipeline what the steps give by hand."""
    pipeline = make_pipeline(FunctionTransformer(np.negative), _fresh(fitted, random_state=0))
    alone = _fresh(fitted, random_state=0).fit(-noisy)
    assert_array_equal(pipeline.fit(noisy).transform(noisy), alone.transform(-noisy))
    assert pipeline.score(noisy, -clean) == alone.score(-noisy, -clean)


def check_array_likes(fitted, noisy, clean):
    """Demand that whatever becomes an array is an image."""
    expected = fitted.transform(noisy)
    for same in (noisy.tolist(), np.asfortranarray(noisy), noisy[::-1][::-1]):
        assert_array_equal(fitted.transform(same), expected)


def check_bad_images(fitted, noisy, clean):
    """Demand that what is no image is refused by a ValueError."""
    for image in _BAD_IMAGES:
        assert _refuses(clone(fitted), image), f"{image.shape}, {image.dtype}: taken for an image"


def _refuses(denoiser, image):
    try:
        denoiser.fit(image)
    except ValueError:
        return True
    return False


def _fresh(fitted, **parameters):
    """Return an unfitted copy, with those of the parameters that it has."""
    copy = clone(fitted)
    known = copy.get_params(deep=False)
    return copy.set_params(**{name: v for name, v in parameters.items() if name in known})


CONTRACT = tuple(check for name, check in list(globals().items()) if name.startswith("check_"))
