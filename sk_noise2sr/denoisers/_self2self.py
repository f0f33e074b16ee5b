"""Self2Self: a network with dropout predicts pixels dropped at random from those that are left."""

from functools import partial
from numbers import Real

from sklearn.utils._param_validation import Interval

from .. import networks, schemes
from .._docs import fill_doc
from .._limits import FEATURES, PASSES
from .._types import Seed
from ..base import BaseNetworkDenoiser
from ..engine import Training


@fill_doc
class Self2Self(BaseNetworkDenoiser):
    """Ensemble of a network under dropout, trained to fill in dropped pixels.

    Every pixel of the input is shown with probability `shown`; a network of partial convolutions
    learns to predict the dropped ones. Dropout in its decoder stays active in ``transform``,
    which averages `M` predictions from differently dropped images [1]_.

    Parameters
    ----------
    n_features : int >= 1, default=16
        Channels of the network on its way down, twice as many on its way up; published are 48.
    dropout : float in [0, 1), default=0.3
        Share of the activations dropped before each convolution on the way up.
    shown : float in (0, 1), default=0.7
        Probability that a pixel is shown.
    M : int >= 1, default=16
        Number of predictions averaged by ``transform``; published are 100.
    %(network_parameters)s

    Attributes
    ----------
    %(network_attributes)s

    Notes
    -----
    The output of the network is linear, not squashed to (0, 1) as published, so that intensities
    may have any range. Dropped activations depend on the tile in frames that are so large that
    they are cut into tiles; dropped pixels never do.

    References
    ----------
    .. [1] Y. Quan, M. Chen, T. Pang, H. Ji, "Self2Self With Dropout: Learning Self-Supervised
       Denoising From Single Image", CVPR 2020, equations 5 to 8.

    Examples
    --------
    >>> from sk_noise2sr import Self2Self, datasets
    >>> clean, noisy = datasets.make_hrem((64, 64), random_state=0)
    >>> Self2Self(epochs=2, M=4, random_state=0).fit_transform(noisy).shape
    (64, 64)
    """

    _parameter_constraints = {
        **BaseNetworkDenoiser._parameter_constraints,
        "n_features": [FEATURES],
        "dropout": [Interval(Real, 0, 1, closed="left")],
        "shown": [Interval(Real, 0, 1, closed="neither")],
        "M": [PASSES],
    }
    _frozen = ("n_features", "dropout")
    _presets = {
        "default": {},
        "paper": {
            "n_features": 48,
            "M": 100,
            "epochs": 3750,
            "binning": 1,
            "training": Training(
                batch_size=1, crop_size="full", learning_rate=1e-4, schedule="constant"
            ),
        },
    }

    def __init__(
        self,
        *,
        n_features: int = 16,
        dropout: float = 0.3,
        shown: float = 0.7,
        M: int = 16,
        epochs: int = 15,
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
        self.dropout = dropout
        self.shown = shown
        self.M = M

    def _scheme(self, grid):
        make = partial(_make_network, self.n_features, self.dropout)
        return schemes.Dropout(make, self.shown, self.M, self._training.turns)


def _make_network(n_features, dropout):
    network = networks.PartialUNet(n_features, dropout)
    network.out.weight.detach().zero_()  # under dropout a random start is far off
    return network
