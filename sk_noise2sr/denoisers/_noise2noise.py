"""Noise2Noise: one noisy copy is the target of the other."""

from collections.abc import Callable
from functools import partial
from typing import Any

from sklearn.utils._param_validation import StrOptions

from .. import networks, schemes
from .._docs import fill_doc
from .._types import Seed
from ..base import BaseNetworkDenoiser
from ..engine import Training
from ..networks import ENCODER_NAMES


@fill_doc
class Noise2Noise(BaseNetworkDenoiser):
    """Learn from pairs of noisy images of the same scene.

    ``fit(X, y)`` takes images and, as ``y``, second images that show the same, pixel on pixel,
    under independent noise of zero mean: two frames of a still movie, say, or the two halves of
    a dose. A network that is to predict one noisy copy from the other learns to predict their
    mean, the signal [1]_. Stacks of pairs are learned from together.

    Parameters
    ----------
    encoder : name or callable, default="compact"
        ``"compact"``: a small U-Net, with three levels on a binned image and four on the full
        grid. ``"unet"``: that of the paper. ``"dncnn"``: DnCNN. ``"unet_untied"``,
        ``"uformer"``, ``"restormer"``, ``"uformer_compact"``, ``"restormer_compact"`` and
        callables: as in Noise2SR.
    both_ways : bool, default=True
        Whether ``X`` serves as target of ``y`` as well, in every second step at random. Right
        if both are noisy; False if ``y`` is much the better image.
    %(network_parameters)s

    Attributes
    ----------
    %(network_attributes)s

    References
    ----------
    .. [1] J. Lehtinen et al., "Noise2Noise: Learning Image Restoration without Clean Data",
       ICML 2018, equation 6.

    Examples
    --------
    >>> from sk_noise2sr import Noise2Noise, datasets
    >>> from sk_noise2sr.noise import PoissonGaussian
    >>> clean, first = datasets.make_hrem((64, 64), random_state=0)
    >>> second = PoissonGaussian(a=0.125, b=0.0).sample(clean, random_state=1)
    >>> Noise2Noise(epochs=2, random_state=0).fit(first, second).transform(first).shape
    (64, 64)
    """

    _parameter_constraints = {
        **BaseNetworkDenoiser._parameter_constraints,
        "encoder": [StrOptions(ENCODER_NAMES), callable],
        "both_ways": ["boolean"],
    }
    _frozen = ("encoder",)
    _needs_target = True
    _presets = {
        "default": {},
        "paper": {
            "encoder": "unet",
            "epochs": 5000,
            "binning": 1,
            "training": Training(
                batch_size=4,
                crop_size=256,
                learning_rate=3e-4,
                schedule="constant",
                symmetries="none",
            ),
        },
    }

    def __init__(
        self,
        *,
        encoder: str | Callable[..., Any] = "compact",
        both_ways: bool = True,
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
        self.encoder = encoder
        self.both_ways = both_ways

    def _scheme(self, grid):
        options = networks.encoder_options(
            self.encoder, grid.binning > 1, unet={"tie_weights": False}
        )
        return schemes.Targets(
            partial(networks.make_denoising_network, self.encoder, encoder_options=options),
            schemes.either_way if self.both_ways else schemes.from_reference,
            self._training.turns,
        )
