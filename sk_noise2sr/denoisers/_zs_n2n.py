"""ZS-N2N: the two diagonal means of every 2 x 2 cell are two noisy copies at half the size."""

from functools import partial
from numbers import Real

from sklearn.utils._param_validation import Interval

from .. import networks, schemes
from .._docs import fill_doc
from .._limits import FEATURES
from .._types import Seed
from ..base import BaseNetworkDenoiser
from ..engine import Training


@fill_doc
class ZSN2N(BaseNetworkDenoiser):
    """Zero-shot Noise2Noise with three layers and no assumption on the noise model.

    The means over the two diagonals of every 2 x 2 cell show nearly the same signal under
    independent noise. A network of three layers learns to predict the noise of each from the
    other; a second term asks for the same result before and after the means are taken [1]_. It
    sees two pixels far, and is the weakest of the networks here on very noisy images.

    Parameters
    ----------
    n_features : int >= 1, default=48
        Channels of the network.
    consistency : float >= 0, default=1.0
        Weight of the term that ties the denoised image to its denoised halves.
    %(network_parameters)s

    Attributes
    ----------
    %(network_attributes)s

    References
    ----------
    .. [1] Y. Mansour and R. Heckel, "Zero-Shot Noise2Noise: Efficient Image Denoising without
       any Data", CVPR 2023, equations 3 to 8.

    Examples
    --------
    >>> from sk_noise2sr import ZSN2N, datasets
    >>> clean, noisy = datasets.make_hrem((64, 64), random_state=0)
    >>> ZSN2N(epochs=2, random_state=0).fit_transform(noisy).shape
    (64, 64)
    """

    _parameter_constraints = {
        **BaseNetworkDenoiser._parameter_constraints,
        "n_features": [FEATURES],
        "consistency": [Interval(Real, 0, None, closed="left")],
    }
    _frozen = ("n_features",)
    _presets = {
        "default": {},
        "paper": {
            "epochs": 75,
            "binning": 1,
            "training": Training(
                batch_size=1,
                crop_size="full",
                learning_rate=1e-3,
                schedule="halved_by_thirds",
                symmetries="none",
                held_out=0.0,
            ),
        },
    }

    def __init__(
        self,
        *,
        n_features: int = 48,
        consistency: float = 1.0,
        epochs: int = 25,
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
        self.n_features = n_features
        self.consistency = consistency

    def _scheme(self, grid):
        make = partial(networks.ShallowNetwork, self.n_features)
        return schemes.DiagonalPairs(make, self.consistency, self._training.turns)
