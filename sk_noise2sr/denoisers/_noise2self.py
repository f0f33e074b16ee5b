"""Noise2Self: predict every pixel from its surroundings, itself hidden."""

from collections.abc import Callable
from functools import partial
from typing import Any

from sklearn.utils._param_validation import StrOptions

from .. import networks, schemes
from .._docs import fill_doc
from .._limits import MASK_WIDTH, PASSES
from .._types import Seed
from ..base import BaseNetworkDenoiser
from ..engine import Training
from ..networks import ENCODER_NAMES


@fill_doc
class Noise2Self(BaseNetworkDenoiser):
    """Blind-spot denoising by masks: J-invariant, and with any network.

    One pixel of every ``mask_width`` x ``mask_width`` cell is hidden under the mean of its
    neighbours, and a network learns to predict the hidden pixels [1]_. Noise that is independent
    from pixel to pixel and of zero mean cannot be learned that way.

    Parameters
    ----------
    encoder : name or callable, default="compact"
        ``"compact"``: a small U-Net, with three levels on a binned image and four on the full
        grid. ``"unet"``: that of Noise2Noise, which the Noise2SR paper compares with;
        ``"unet_untied"``: that of Noise2SR. ``"dncnn"``: DnCNN with eight layers. ``"uformer"``
        and ``"restormer"``: transformers at their published sizes, for a GPU;
        ``"uformer_compact"`` and ``"restormer_compact"``: small ones; the first takes about three
        times the CPU time of ``"compact"``, the second little more than it. Or a callable
        ``(in_channels, out_channels) -> torch.nn.Module`` whose output has the size of its input.
    mask_width : int in [2, 64], default=4
        Side of a cell, in pixels.
    inference : {"invariant", "single"}, default="invariant"
        ``"invariant"``: every pixel of the result comes from a pass in which it was hidden,
        ``mask_width**2`` passes in all. ``"single"``: one pass in which nothing is hidden.
    M : int >= 1, default=2
        Number of such images averaged by ``transform``, each under another of the eight flips
        and rotations if ``symmetries="dihedral"``; more than eight repeat them.
    %(network_parameters)s

    Attributes
    ----------
    %(network_attributes)s

    References
    ----------
    .. [1] J. Batson and L. Royer, "Noise2Self: Blind Denoising by Self-Supervision", ICML 2019,
       proposition 1 and section 4.

    Examples
    --------
    >>> from sk_noise2sr import Noise2Self, datasets
    >>> clean, noisy = datasets.make_hrem((64, 64), random_state=0)
    >>> Noise2Self(epochs=2, random_state=0).fit_transform(noisy).shape
    (64, 64)
    """

    _parameter_constraints = {
        **BaseNetworkDenoiser._parameter_constraints,
        "encoder": [StrOptions(ENCODER_NAMES), callable],
        "mask_width": [MASK_WIDTH],
        "inference": [StrOptions({"invariant", "single"})],
        "M": [PASSES],
    }
    _frozen = ("encoder",)
    _presets = {
        "default": {},
        "paper": {
            "encoder": "unet",
            "M": 1,
            "epochs": 1500,
            "binning": 1,
            "training": Training(
                batch_size=10, crop_size=256, learning_rate=1e-4, schedule="constant"
            ),
        },
        "notebook": {
            "encoder": "dncnn",
            "inference": "single",
            "M": 1,
            "epochs": 13,
            "binning": 1,
            "training": Training(
                batch_size=1,
                crop_size="full",
                learning_rate=1e-2,
                schedule="constant",
                symmetries="none",
                keep_best=True,
            ),
        },
    }

    def __init__(
        self,
        *,
        encoder: str | Callable[..., Any] = "compact",
        mask_width: int = 4,
        inference: str = "invariant",
        M: int = 2,
        epochs: int = 30,
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
        self.mask_width = mask_width
        self.inference = inference
        self.M = M

    def _scheme(self, grid):
        options = networks.encoder_options(self.encoder, grid.binning > 1, dncnn={"n_layers": 8})
        return schemes.BlindSpots(
            partial(networks.make_denoising_network, self.encoder, encoder_options=options),
            schemes.GridMask(self.mask_width),
            self.M,
            turns=self._training.turns,
            invariant=self.inference == "invariant",
        )
