"""Self2Self: a network with dropout predicts pixels dropped at random from those that are left."""

from numbers import Integral, Real

import torch
from sklearn.utils._param_validation import Interval

from .._docs import fill_doc
from .._seeding import make_generator
from .._symmetries import N_SYMMETRIES
from ..base import BaseNetworkDenoiser
from ..networks import PartialUNet, at_any_side
from ..samplers import BernoulliMask


@fill_doc
class Self2Self(BaseNetworkDenoiser):
    """Ensemble of a network under dropout, trained to fill in dropped pixels.

    Every pixel of the input is shown with probability `shown`; a network of partial convolutions
    learns to predict the dropped ones. Dropout in its decoder stays active in ``transform``,
    which averages `M` predictions from differently dropped images [1]_.

    Parameters
    ----------
    n_features : int, default=16
        Channels of the network on its way down, twice as many on its way up; published are 48.
    dropout : float, default=0.3
        Share of the activations dropped before each convolution on the way up, in [0, 1).
    shown : float, default=0.7
        Probability that a pixel is shown, in (0, 1).
    M : int, default=16
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
        "n_features": [Interval(Integral, 1, None, closed="left")],
        "dropout": [Interval(Real, 0, 1, closed="left")],
        "shown": [Interval(Real, 0, 1, closed="neither")],
        "M": [Interval(Integral, 1, None, closed="left")],
    }
    _frozen = (*BaseNetworkDenoiser._frozen, "n_features", "dropout")
    _tells_hidden = True
    _presets = {
        "default": {},
        "paper": {
            "n_features": 48,
            "M": 100,
            "epochs": 3750,
            "crop_size": "full",
            "learning_rate": 1e-4,
            "schedule": "constant",
            "binning": 1,
        },
    }

    def __init__(self, *, n_features=16, dropout=0.3, shown=0.7, M=16, epochs=15, **shared):
        super().__init__(epochs=epochs, **shared)
        self.n_features = n_features
        self.dropout = dropout
        self.shown = shown
        self.M = M

    def _n_outputs(self):
        return self.M

    def _make_network(self):
        network = PartialUNet(self.n_features, self.dropout)
        torch.nn.init.zeros_(network.out.weight)  # under dropout a random start is far off
        return network

    def _loss(self, network, batch):
        shown = BernoulliMask(self.shown).choose(batch.noisy.shape, batch.generator)
        counted = ~shown & batch.targets
        errors = (network(batch.noisy, shown, batch.generator) - batch.noisy) ** 2
        return (errors * counted).sum() / counted.sum().clamp(min=1)

    def _outputs(self, network, noisy, draws):
        for draw in range(self.M):
            yield self._predict_hidden(network, noisy, draws, draw)

    def _predict_hidden(self, network, noisy, draws, draw):
        """Return what a dropped-out network makes of the pixels shown, and which were not."""
        rows, columns = draws.cells(*noisy.shape[-2:], side=1)
        shown = BernoulliMask(self.shown).choose_draw(draw, rows, columns, draws.seed)
        shown = shown.to(noisy.device)
        generator = make_generator(hash((draws, draw)) & 0x7FFFFFFF, noisy.device)
        prediction = at_any_side(
            lambda *seen: network(*seen, generator),
            noisy,
            shown.to(noisy),
            side_multiple=network.side_multiple,
            symmetry=draw % N_SYMMETRIES if self.symmetries == "dihedral" else 0,
        )
        return prediction, ~shown
