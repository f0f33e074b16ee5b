"""ZS-N2N: the two diagonal means of every 2 x 2 cell are two noisy copies at half the size."""

from numbers import Integral, Real

from sklearn.utils._param_validation import Interval

from .._docs import fill_doc
from ..base import BaseNetworkDenoiser
from ..networks import ShallowNetwork
from ..samplers import diagonal_means


@fill_doc
class ZSN2N(BaseNetworkDenoiser):
    """Zero-shot Noise2Noise with three layers and no assumption on the noise model.

    The means over the two diagonals of every 2 x 2 cell show nearly the same signal under
    independent noise. A network of three layers learns to predict the noise of each from the
    other, and to make the same of a cell before and after the means are taken [1]_. It looks two
    pixels far: the fastest of the methods with a network, and the weakest on very noisy images.

    Parameters
    ----------
    n_features : int, default=48
        Channels of the network.
    consistency : float, default=1.0
        Weight of the term that ties the denoised image to its denoised halves, at least 0.
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
        "n_features": [Interval(Integral, 1, None, closed="left")],
        "consistency": [Interval(Real, 0, None, closed="left")],
    }
    _frozen = (*BaseNetworkDenoiser._frozen, "n_features")
    _presets = {
        "default": {},
        "paper": {
            "epochs": 75,
            "crop_size": "full",
            "learning_rate": 1e-3,
            "schedule": "halved_by_thirds",
            "symmetries": "none",
            "binning": 1,
            "held_out": 0.0,
        },
    }

    def __init__(self, *, n_features=48, consistency=1.0, epochs=25, **shared):
        super().__init__(epochs=epochs, **shared)
        self.n_features = n_features
        self.consistency = consistency

    def _side_multiple(self):
        return 2

    def _make_network(self):
        return ShallowNetwork(self.n_features)

    def _predict(self, network, noisy):
        return noisy - network(noisy)

    def _loss(self, network, batch):
        halves = diagonal_means(batch.noisy)
        denoised = [self._predict(network, half) for half in halves]
        whole = diagonal_means(self._predict(network, batch.noisy))
        # A mean is a target only if neither of its pixels is held out.
        counted = [share == 1 for share in diagonal_means(batch.targets.to(batch.noisy))]
        residual = _mean_square(halves[0] - denoised[1], counted[0])
        residual += _mean_square(halves[1] - denoised[0], counted[1])
        consistency = sum(((a - b) ** 2).mean() for a, b in zip(denoised, whole, strict=True))
        return (residual + self.consistency * consistency) / 2


def _mean_square(errors, counted):
    return (errors**2 * counted).sum() / counted.sum().clamp(min=1)
