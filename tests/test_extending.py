"""An encoder and a denoiser from outside the package keep the contract of test_common.py."""

import importlib.util
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.ndimage import gaussian_filter
from sklearn.utils.estimator_checks import parametrize_with_checks
from torch import nn
from torch.nn import functional as F

from sk_noise2sr import Noise2Self, Noise2SR, Training
from sk_noise2sr._docs import fill_doc
from sk_noise2sr.base import BaseDenoiser, BaseNetworkDenoiser
from sk_noise2sr.schemes import Scheme, masked_mean_square
from sk_noise2sr.testing import EXPECTED_FAILURES, check_denoiser

path = Path(__file__).with_name("test_common.py")
spec = importlib.util.spec_from_file_location("contract", path)
contract = importlib.util.module_from_spec(spec)
spec.loader.exec_module(contract)


class PooledEncoder(nn.Module):
    """A toy: the image beside its mean over 4 x 4 pixels, through one convolution."""

    side_multiple = 4

    def __init__(self, in_channels, out_channels):
        super().__init__()
        self.mix = nn.Conv2d(2 * in_channels, out_channels, 3, padding=1)

    def forward(self, images):
        """Map (n, in_channels, height, width) to features of the same size."""
        coarse = F.interpolate(F.avg_pool2d(images, 4), scale_factor=4)
        return F.leaky_relu(self.mix(torch.cat([images, coarse], dim=1)))


class PooledNoise2SR(Noise2SR):
    """Noise2SR with the toy encoder; ``Noise2SR(encoder=PooledEncoder)`` as a class."""

    def __init__(
        self,
        stride=2,
        *,
        encoder=PooledEncoder,
        M=32,
        epochs=50,
        binning="auto",
        training=None,
        max_memory=None,
        warm_start=False,
        random_state=None,
        verbose=1,
    ):
        super().__init__(
            stride,
            encoder=encoder,
            M=M,
            epochs=epochs,
            binning=binning,
            training=training,
            max_memory=max_memory,
            warm_start=warm_start,
            random_state=random_state,
            verbose=verbose,
        )


class Ring(nn.Module):
    """A toy: every pixel as a weighted sum of its eight neighbours."""

    def __init__(self):
        super().__init__()
        self.weights = nn.Parameter(torch.full((1, 1, 3, 3), 1 / 8))
        hole = torch.ones(3, 3)
        hole[1, 1] = 0
        self.register_buffer("hole", hole, persistent=False)

    def forward(self, images):
        """Map images to images of the same size."""
        padded = F.pad(images, (1, 1, 1, 1), mode="replicate")
        return F.conv2d(padded, self.weights * self.hole)


class Surroundings(Scheme):
    """Compare each pixel with what is predicted of it; the network cannot see it."""

    def loss(self, network, batch):
        """Return the mean squared error."""
        return masked_mean_square(network(batch.noisy) - batch.noisy, batch.targets)


@fill_doc
class RingDenoiser(BaseNetworkDenoiser):
    """A toy denoiser: the best weights of the neighbours of a pixel.

    Parameters
    ----------
    %(network_parameters)s
    """

    def _scheme(self, grid):
        return Surroundings(Ring)


TOYS = [PooledNoise2SR, RingDenoiser]
# Fixtures of the contract.
few_steps, scene, fitted_on = contract.few_steps, contract.scene, contract.fitted_on


@pytest.fixture(params=TOYS, ids=lambda estimator_class: estimator_class.__name__)
def estimator_class(request):
    return request.param


@parametrize_with_checks(
    [contract.small(toy, epochs=1) for toy in TOYS],
    expected_failed_checks=lambda estimator: EXPECTED_FAILURES,
)
def test_sklearn_compatible(estimator, check):
    check(estimator)


# Every other test of the contract, with the toys in the place of the denoisers of the package.
CHECKS = {
    name: check
    for name, check in vars(contract).items()
    if name.startswith("test_") and name != "test_sklearn_compatible"
}
globals().update(CHECKS)


def test_the_contract_was_found():
    assert len(CHECKS) > 8


class Blur(BaseDenoiser):
    """A toy without a network."""

    def _fit(self, stack, y):
        self.mean_ = stack.mean()

    def _denoise(self, image):
        return gaussian_filter(image.astype(float), 1)


class Careless(Blur):
    """A toy that clips, forgets types, and leaves a trace in the parameters."""

    def _denoise(self, image):
        return np.clip(gaussian_filter(image, 1), 0, None)

    def _fit(self, stack, y):
        self.sigma = 1


def test_a_denoiser_is_checked_from_outside():
    outcomes = check_denoiser(Blur())
    assert outcomes["check_pipeline"] == "passed"
    assert len(outcomes) > 50


@pytest.mark.parametrize(
    ("made", "got"),
    [
        (lambda image: None, "a NoneType"),
        (lambda image: image.tolist(), "a list"),
        (lambda image: image[1:], r"the shape \(47, 48\)"),
        (lambda image: image[np.newaxis], r"the shape \(1, 48, 48\)"),
        (lambda image: image * 1j, "complex128"),
    ],
)
def test_what_is_no_image_is_told(noisy, monkeypatch, made, got):
    monkeypatch.setattr(Blur, "_denoise", lambda self, image: made(image))
    for mask in ("auto", noisy > 2):
        denoiser = Blur().fit(noisy, mask=mask)
        with pytest.raises(ValueError, match=f"Blur returned {got} for an image .* Let _denoise"):
            denoiser.transform(noisy, mask=mask)


def test_a_missing_fit_is_named(noisy):
    with pytest.raises(NotImplementedError, match=r"BaseDenoiser has to write _fit\(stack, y\)"):
        BaseDenoiser().fit(noisy)


def test_each_fault_has_a_line():
    with pytest.raises(AssertionError) as caught:
        check_denoiser(Careless())
    head, *faults = (line.partition(":")[0] for line in str(caught.value).splitlines())
    assert head == "Careless does not keep the contract of a denoiser"
    assert "check_dont_overwrite_parameters" in faults
    assert {"check_dtypes", "check_nothing_is_clipped"} <= {*faults}
    reasons = dict.fromkeys(faults, "a test")
    assert check_denoiser(Careless(), expected_failures=reasons)["check_dtypes"] == "xfail"


@pytest.mark.parametrize("denoiser_class", [partial(Noise2SR, refine=False), Noise2Self])
def test_a_callable_is_the_encoder(noisy, clean, denoiser_class):
    denoiser = denoiser_class(
        encoder=PooledEncoder,
        epochs=4,
        training=Training(crop_size=32),
        binning=1,
        random_state=0,
        verbose=0,
    ).fit(noisy)
    assert isinstance(denoiser.network_.encoder, PooledEncoder)
    error = ((denoiser.transform(noisy) - clean) ** 2).mean()
    assert error < ((noisy - clean) ** 2).mean() / 3


class Unpadded(nn.Conv2d):
    """An encoder whose output is smaller than its input."""

    def __init__(self, in_channels, out_channels):
        super().__init__(in_channels, out_channels, 3)


@pytest.mark.parametrize("denoiser_class", [Noise2SR, Noise2Self])
@pytest.mark.parametrize(
    ("encoder", "message"),
    [
        (Unpadded, r"Unpadded has to return features of the size .* returned \(1, 16, \d+, \d+\)"),
        (PooledEncoder(1, 16), "give the class PooledEncoder.* not an instance"),
        (Ring, r"called with \(1, 16\), Ring says"),
        (lambda *channels: None, "returned NoneType"),
    ],
)
def test_a_wrong_encoder_gets_one_sentence(noisy, denoiser_class, encoder, message):
    with pytest.raises(ValueError, match=message):
        contract.small(denoiser_class, encoder=encoder).fit(noisy)


def test_a_wrong_parameter_names_the_class_of_the_user():
    with pytest.raises(TypeError, match=r"RingDenoiser.__init__\(\) got .* argument 'epoch'"):
        RingDenoiser(epoch=3)
    with pytest.raises(TypeError, match=r"RingDenoiser.__init__\(\) takes 1 positional"):
        RingDenoiser(3)


def test_the_toy_denoiser_denoises(noisy, clean):
    denoiser = RingDenoiser(
        epochs=2, training=Training(crop_size=32), binning=1, random_state=0, verbose=0
    )
    error = ((denoiser.fit_transform(noisy) - clean) ** 2).mean()
    assert error < ((noisy - clean) ** 2).mean() / 3
    assert "epochs : int" in RingDenoiser.__doc__
