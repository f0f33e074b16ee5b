"""Supervised denoising: clean images are the targets. The reference that others aim at."""

from functools import partial

from .. import networks, schemes
from .._docs import fill_doc
from .._limits import FEATURES, SCALES
from .._types import Seed
from ..base import BaseNetworkDenoiser
from ..engine import Training
from ..noise import Anscombe


@fill_doc
class SupervisedDenoiser(BaseNetworkDenoiser):
    """Learn from pairs of noisy and clean images, after Mohan et al.

    ``fit(X, y)`` takes noisy images and, as ``y``, the clean ones, such as simulations. With
    `noise` given, every training step adds fresh noise to the clean images, which teaches far
    more than the one noisy image of each in ``X`` [1]_. What the training images do not show,
    the network has not learned: look at the residual.

    Parameters
    ----------
    noise : tuple of two float or None, default=None
        ``(a, b)`` of the noise to add, with the variance ``a * clean + b**2`` in the units of
        the images. None learns from the pairs as they are.
    n_features : int >= 1, default=16
        Channels of the network at full size; published are 128.
    n_scales : int in [1, 12], default=4
        Number of poolings; published are 4 and 6.
    %(network_parameters)s

    Attributes
    ----------
    %(network_attributes)s

    References
    ----------
    .. [1] S. Mohan et al., "Deep Denoising for Scientific Discovery: A Case Study in Electron
       Microscopy", IEEE Transactions on Computational Imaging 8, 585-597, 2022.

    Examples
    --------
    >>> import numpy as np
    >>> from sk_noise2sr import SupervisedDenoiser, datasets
    >>> scenes = [datasets.make_hrem((64, 64), random_state=seed) for seed in range(3)]
    >>> clean, noisy = map(np.stack, zip(*scenes))
    >>> SupervisedDenoiser(epochs=2, random_state=0).fit(noisy[1:], clean[1:]).transform(
    ...     noisy[0]
    ... ).shape
    (64, 64)
    """

    _parameter_constraints = {
        **BaseNetworkDenoiser._parameter_constraints,
        "noise": [tuple, list, None],
        "n_features": [FEATURES],
        "n_scales": [SCALES],
    }
    _frozen = ("n_features", "n_scales")
    _needs_target = True
    _presets = {
        "default": {},
        "paper": {
            "n_features": 128,
            "epochs": 5000,
            "binning": 1,
            "training": Training(
                batch_size=4, crop_size=100, learning_rate=1e-3, schedule="halved_by_fifths"
            ),
        },
    }

    def __init__(
        self,
        *,
        noise: tuple[float, float] | None = None,
        n_features: int = 16,
        n_scales: int = 4,
        epochs: int = 50,
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
        self.n_features = n_features
        self.n_scales = n_scales

    def _scheme(self, grid):
        source = schemes.from_reference
        if self.noise is not None:
            source = schemes.fresh_noise(grid.noise(Anscombe.from_pair(self.noise)))
        make = partial(networks.BiasFreeUNet, self.n_features, self.n_scales)
        return schemes.Targets(make, source, self._training.turns)
