"""Settings of the training that few users touch, in one object."""

from collections.abc import Sequence
from numbers import Integral, Real

from sklearn.base import BaseEstimator
from sklearn.utils._param_validation import Interval, StrOptions

from .._links import doc_page

SCHEDULES = frozenset({"cosine", "constant", "halved_by_thirds", "halved_by_fifths"})
_CROP_BINNED, _CROP_FULL = 128, 160
_CROP_SHARE = 2 / 3  # of the shorter side: crops at one and the same place are learned by heart
_CROP_STEP = 8  # what the poolings of most encoders divide


class Training(BaseEstimator):
    """How a network is trained: what its defaults leave to few users.

    Parameters
    ----------
    batch_size : int >= 1, default=2
        Crops in one training step. Touch it on a GPU.
    crop_size : "auto", "full" or int >= 2, default="auto"
        Side of a training crop, in pixels of the (binned) image; ``"auto"`` is 128 on a binned
        image and 160 on the full grid, ``"full"`` the whole image. Images that are smaller are
        taken whole. Touch it where memory is short.
    learning_rate : float > 0, default=0.003
        Largest step size of the optimiser. Touch it if a fit diverges.
    schedule : name, default="cosine"
        ``"cosine"``: Muon with a warm-up over the first tenth of the steps, a cosine down to
        zero, gradients clipped to norm 1, and the exponential moving average of the weights as
        the result. ``"constant"``: Adam with a constant step size and the last weights.
        ``"halved_by_thirds"`` and ``"halved_by_fifths"``: the same, but the step size is halved
        after every third or fifth of the steps. Touch it to reproduce a paper.
    symmetries : {"dihedral", "leaky_rotation", "none"}, default="dihedral"
        How an image is turned. ``"dihedral"``: training crops, and the draws of ``transform``,
        under the eight flips and rotations by 90 degrees. ``"leaky_rotation"``: training crops
        under the published flips and nearest-neighbour rotations of up to 20 degrees, which copy
        about 2 % of the target pixels into the input (a leak, here to reproduce the paper).
        ``"none"``: as they are; touch it for movies whose frames all lie the same way.
    standardize : bool, default=True
        Whether intensities are brought to mean 0 and standard deviation 1 for the network, and
        back after it. With False the result depends on the unit of the image.
    held_out : float in [0, 0.5), default=0.02
        Fraction of the pixels, a function of the seed and the pixel, that never serve as training
        targets. ``score`` without a reference and the check of a fit stand on them.
    keep_best : bool, default=False
        Whether the weights that predict the held-out pixels best are kept, from 50 checks in the
        course of the training, rather than the last ones.
    tol : float in [0, 1) or None, default=None
        Training is checked 50 times. After `patience` checks without an improvement of the error
        on held-out pixels by this share, the step size decays to zero over a quarter of the steps
        taken so far, and training ends. The best weights are kept. None takes all steps.
    patience : int >= 1, default=5
        See `tol`.

    Examples
    --------
    >>> from sk_noise2sr import Noise2SR, Training
    >>> Noise2SR(training=Training(tol=0.003))
    Noise2SR(training=Training(tol=0.003))
    """

    _doc_link_module = "sk_noise2sr"
    _doc_link_template = property(doc_page)

    _parameter_constraints = {
        "batch_size": [Interval(Integral, 1, None, closed="left")],
        "crop_size": [StrOptions({"auto", "full"}), Interval(Integral, 2, None, closed="left")],
        "learning_rate": [Interval(Real, 0, None, closed="neither")],
        "schedule": [StrOptions(SCHEDULES)],
        "symmetries": [StrOptions({"dihedral", "leaky_rotation", "none"})],
        "standardize": ["boolean"],
        "held_out": [Interval(Real, 0, 0.5, closed="left")],
        "keep_best": ["boolean"],
        "tol": [Interval(Real, 0, 1, closed="left"), None],
        "patience": [Interval(Integral, 1, None, closed="left")],
    }

    def __init__(
        self,
        *,
        batch_size: int = 2,
        crop_size: int | str = "auto",
        learning_rate: float = 3e-3,
        schedule: str = "cosine",
        symmetries: str = "dihedral",
        standardize: bool = True,
        held_out: float = 0.02,
        keep_best: bool = False,
        tol: float | None = None,
        patience: int = 5,
    ):
        self.batch_size = batch_size
        self.crop_size = crop_size
        self.learning_rate = learning_rate
        self.schedule = schedule
        self.symmetries = symmetries
        self.standardize = standardize
        self.held_out = held_out
        self.keep_best = keep_best
        self.tol = tol
        self.patience = patience

    @property
    def turns(self) -> bool:
        """Whether predictions are made under the symmetries in turn."""
        return self.symmetries == "dihedral"

    def crop_side(self, sides: Sequence[float], binned: bool) -> float:
        """Return the side of a crop, or of the whole image where that is smaller.

        Parameters
        ----------
        sides : sequence of float
            Height and width of the image, in pixels of the grid.
        binned : bool
            Whether the grid is coarser than the image.

        Returns
        -------
        int or float
            The side in pixels of the grid.
        """
        if self.crop_size == "auto":
            largest = _CROP_BINNED if binned else _CROP_FULL
            share = _CROP_STEP * round(_CROP_SHARE * min(sides) / _CROP_STEP)
            return min(largest, max(share, _CROP_STEP))
        return max(sides) if self.crop_size == "full" else self.crop_size
