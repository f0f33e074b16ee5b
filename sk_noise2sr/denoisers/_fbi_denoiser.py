"""FBI-Denoiser: an affine function of each pixel, whose coefficients do not see that pixel."""

import math
import time
from functools import partial
from typing import Any

import numpy as np
from sklearn.utils._param_validation import StrOptions

from .. import engine, networks, schemes
from .._docs import fill_doc
from .._limits import FEATURES, LAYERS
from .._smallest_side import check_sides
from .._types import Seed
from ..base import BaseNetworkDenoiser
from ..engine import Training
from ..grid import StabilizedGrid
from ..noise import Anscombe, estimate_noise

_PGE_STEPS, _PGE_CROP, _PGE_LEARNING_RATE = 300, 200, 1e-3
_SMALLEST_GAIN = 1e-4


@fill_doc
class FBIDenoiser(BaseNetworkDenoiser):
    """Blind-spot network with an affine output, for Poisson-Gaussian noise.

    The generalised Anscombe transform makes the noise equally strong everywhere. For every pixel
    ``t``, a network whose convolutions do not see that pixel computes ``a`` and ``b``, and the
    result is ``a * t + b``: unlike other blind-spot methods it may use the pixel itself. As the
    strength of the noise is known, the error of the result against the clean image can be estimated
    without bias. It is the loss [1]_.

    Parameters
    ----------
    noise : "estimate", "pge" or tuple of two float, default="estimate"
        ``(a, b)`` of noise with the variance ``a * clean + b**2``. ``"estimate"`` reads it off
        the image, see :func:`~sk_noise2sr.noise.estimate_noise`; ``"pge"`` trains a network for
        that, as published.
    n_layers : int in [2, 256], default=8
        Convolutions of the network; published are 8 and 17.
    n_features : int >= 1, default=16
        Channels of the network; published are 64.
    %(network_parameters)s

    Attributes
    ----------
    noise_ : Anscombe
        The noise, in the units of the image, and the transform that stabilises it.
    %(network_attributes)s

    References
    ----------
    .. [1] J. Byun, S. Cha, T. Moon, "FBI-Denoiser: Fast Blind Image Denoiser for Poisson-Gaussian
       Noise", CVPR 2021, equations 4 to 7.

    Examples
    --------
    >>> from sk_noise2sr import FBIDenoiser, datasets
    >>> clean, noisy = datasets.make_hrem((64, 64), random_state=0)
    >>> FBIDenoiser(epochs=2, random_state=0).fit_transform(noisy).shape
    (64, 64)
    """

    _parameter_constraints = {
        **BaseNetworkDenoiser._parameter_constraints,
        "noise": [StrOptions({"estimate", "pge"}), tuple, list],
        "n_layers": [LAYERS],
        "n_features": [FEATURES],
    }
    _frozen = ("n_layers", "n_features")
    _presets = {
        "default": {},
        "paper": {
            "noise": "pge",
            "n_features": 64,
            "epochs": 600,
            "binning": 1,
            "training": Training(
                batch_size=4, crop_size=220, learning_rate=1e-3, schedule="halved_by_fifths"
            ),
        },
    }

    def __init__(
        self,
        *,
        noise: str | tuple[float, float] = "estimate",
        n_layers: int = 8,
        n_features: int = 16,
        epochs: int = 20,
        binning: float | str = "auto",
        refine: bool | int = False,
        training: Training | None = None,
        max_time: float | None = None,
        warm_start: bool = False,
        max_memory: int | str | None = None,
        n_threads: int | None = None,
        device: str = "auto",
        random_state: Seed = None,
        verbose: int = 1,
    ):
        super().__init__(
            epochs=epochs,
            binning=binning,
            refine=refine,
            training=training,
            max_time=max_time,
            warm_start=warm_start,
            max_memory=max_memory,
            n_threads=n_threads,
            device=device,
            random_state=random_state,
            verbose=verbose,
        )
        self.noise = noise
        self.n_layers = n_layers
        self.n_features = n_features

    @property
    def noise_(self) -> Any:
        """The noise, in the units of the image."""
        return self.grid_.noise

    def _scheme(self, grid):
        make = partial(networks.FBINet, self.n_layers, self.n_features)
        return schemes.Affine(make, grid, self._training.turns)

    def _fit_grid(self, stack, binning, seed):
        grid = self._working_grid(stack, binning)
        check_sides(stack, math.floor(max(grid.factors)) + 1)  # one pixel of the grid has no noise
        return StabilizedGrid.fit(grid, self._noise_of(stack, seed), stack)

    def _noise_of(self, stack, seed):
        if self.noise == "estimate":
            return estimate_noise(stack).anscombe()
        if self.noise == "pge":
            return self._fit_pge_net(stack, seed)
        return Anscombe.from_pair(self.noise)

    def _fit_pge_net(self, stack, seed):
        """Train a network whose two numbers stabilise the image: PGE-Net of the paper."""
        half = math.inf if self.max_time is None else self.max_time / 2
        deadline = time.monotonic() + half
        stack = stack.astype(np.float64)
        make = partial(networks.PGENet, self.n_features)
        work = engine.n_weights(make) * _PGE_CROP**2
        low, spread = float(stack.min()), float(stack.std())
        with engine.resources(self.device, self.n_threads, work) as device:
            noisy = engine.to_tensor(((stack - low) / spread).astype(np.float32), device)
            crops = engine.CropSampler(
                noisy,
                noisy[:1].isfinite(),  # every pixel is a target
                crop_size=_PGE_CROP,
                side_multiple=2,
                batch_size=1,
                symmetries="none",
                seed=seed,
            )
            network = engine.seeded_weights(make, seed).to(device)
            recipe = engine.RECIPES["halved_by_fifths"](network, _PGE_LEARNING_RATE)
            outcome = engine.train(
                crops.batch,
                lambda batch: _distance_from_stable(network, batch.noisy),
                recipe,
                _PGE_STEPS,
                deadline=deadline,
                verbose=self.verbose,
                name="PGE-Net",
            )
            pairs = outcome.network.requires_grad_(False)(noisy)
            a, b = pairs.mean(dim=0).tolist()
        return Anscombe(max(a, _SMALLEST_GAIN) * spread, b * spread, low)


def _distance_from_stable(network, noisy):
    """Return the distance of the stabilised noise from strength 1."""
    a, b = network(noisy).mean(dim=0)
    a = a.clamp(min=_SMALLEST_GAIN)
    root = noisy / a + 3 / 8 + (b / a) ** 2
    # Kept off 0, where a root has no gradient.
    return (networks.patch_noise_std(2 * root.clamp(min=1e-3).sqrt()) - 1).square().mean()
