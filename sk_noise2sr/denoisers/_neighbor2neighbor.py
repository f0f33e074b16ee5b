"""Neighbor2Neighbor: neighbouring pixels make two noisy copies at half the size."""

from collections.abc import Callable
from functools import partial
from numbers import Real
from typing import Any

from sklearn.utils._param_validation import Interval, StrOptions

from .. import networks, schemes
from .._docs import fill_doc
from .._limits import FEATURES
from .._types import Seed
from ..base import BaseNetworkDenoiser
from ..engine import Training
from ..networks import ENCODER_NAMES


@fill_doc
class Neighbor2Neighbor(BaseNetworkDenoiser):
    """Noise2Noise between two sub-samples of one image.

    In every 2 x 2 cell two neighbouring pixels are drawn; the first ones make an image of half
    the size, the second ones another. A network learns to predict the second image from the
    first. Their signals differ, by the step from a pixel to its neighbour. So a regulariser
    compares the error with the same difference in the denoised image; its weight grows during the
    training [1]_.

    Parameters
    ----------
    encoder : name or callable, default="compact"
        ``"compact"``: a small U-Net, with three levels on a binned image and four on the full
        grid. ``"neighbor"``: the published one. ``"unet"``, ``"unet_untied"``, ``"dncnn"``,
        ``"uformer"``, ``"restormer"``, ``"uformer_compact"``, ``"restormer_compact"`` and
        callables: as in Noise2SR.
    gamma : float >= 0, default=2.0
        Weight of the regulariser at the end of the training.
    inference : {"parts", "whole"}, default="parts"
        ``"parts"``: the image goes through the network as its four sub-samples of half the size,
        which is what the network has been trained on. ``"whole"``: as it is, as published;
        detail then has twice the size that the network knows, which can cost ten decibels.
    n_features : int >= 1, default=48
        For ``encoder="neighbor"``: its channels.
    %(network_parameters)s

    Attributes
    ----------
    %(network_attributes)s

    References
    ----------
    .. [1] T. Huang et al., "Neighbor2Neighbor: Self-Supervised Denoising from Single Noisy
       Images", CVPR 2021, equations 7 and 8.

    Examples
    --------
    >>> from sk_noise2sr import Neighbor2Neighbor, datasets
    >>> clean, noisy = datasets.make_hrem((64, 64), random_state=0)
    >>> Neighbor2Neighbor(epochs=2, random_state=0).fit_transform(noisy).shape
    (64, 64)
    """

    _parameter_constraints = {
        **BaseNetworkDenoiser._parameter_constraints,
        "encoder": [StrOptions({*ENCODER_NAMES, "neighbor"}), callable],
        "gamma": [Interval(Real, 0, None, closed="left")],
        "inference": [StrOptions({"parts", "whole"})],
        "n_features": [FEATURES],
    }
    _frozen = ("encoder", "n_features")
    _presets = {
        "default": {},
        "paper": {
            "encoder": "neighbor",
            "inference": "whole",
            "epochs": 600,
            "binning": 1,
            "training": Training(
                batch_size=4,
                crop_size=256,
                learning_rate=3e-4,
                schedule="halved_by_fifths",
                symmetries="none",
            ),
        },
    }

    def __init__(
        self,
        *,
        encoder: str | Callable[..., Any] = "compact",
        gamma: float = 2.0,
        inference: str = "parts",
        n_features: int = 48,
        epochs: int = 40,
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
        self.encoder = encoder
        self.gamma = gamma
        self.inference = inference
        self.n_features = n_features

    def _scheme(self, grid):
        options = networks.encoder_options(self.encoder, grid.binning > 1)
        make = partial(networks.make_denoising_network, self.encoder, encoder_options=options)
        if self.encoder == "neighbor":
            make = partial(networks.NeighborUNet, self.n_features)
        return schemes.RandomPairs(
            make, self.gamma, self.inference == "whole", self._training.turns
        )
