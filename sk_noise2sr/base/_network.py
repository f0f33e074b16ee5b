"""What all denoisers with a network share: parameters, hooks, intensities, pickling."""

import inspect
import math
from contextlib import contextmanager
from dataclasses import replace
from numbers import Integral, Real

import torch
from sklearn.utils._param_validation import Interval, StrOptions

from .._checks import check_sides
from .._grid import WorkingGrid
from .._symmetries import N_SYMMETRIES
from ..networks import at_any_side
from ..noise import estimate_noise
from ..samplers import held_out_pixels
from ..training import RECIPES, explain_out_of_memory, limit_threads, pick_device
from ._collaborative import CollaborativeFilter
from ._denoiser import BaseDenoiser
from ._inference import InferenceMixin
from ._training import TrainingMixin

_FILTERED = 0.7  # share of the filter in a refined result where it could not bin
_CROP_BINNED, _CROP_FULL = 128, 160
_CROP_SHARE = 2 / 3  # of the shorter side: crops at one and the same place are learned by heart
_CROP_STEP = 8  # what the poolings of most encoders divide


class BaseNetworkDenoiser(TrainingMixin, InferenceMixin, BaseDenoiser):
    """Base class of denoisers that train a network on the noisy image.

    A method names its own hyperparameters in ``__init__``, hands the others on as ``**shared``,
    and writes hooks, how to corrupt and compare, and what to average:

    - ``_make_network()`` returns a fresh ``torch.nn.Module``;
    - ``_loss(network, batch)`` returns a scalar tensor for a :class:`~sk_noise2sr.training.Batch`;
    - ``_predict(network, noisy)``, for methods whose result is one pass of the network;
    - or ``_outputs(network, noisy, draws)``, which yields pairs of tensors of the shape of
      `noisy`, (1, 1, height, width): a prediction, and a map of the pixels that this prediction
      could not see. ``transform`` returns the mean of the predictions, ``_n_outputs()`` of them.
      Tiles of a large frame take turns: what is kept across a ``yield`` is kept for each.

    and, where it needs other values, ``_side_multiple()`` and ``_stride()``.
    """

    _parameter_constraints = {
        "epochs": [Interval(Integral, 1, None, closed="left")],
        "batch_size": [Interval(Integral, 1, None, closed="left")],
        "crop_size": [StrOptions({"auto", "full"}), Interval(Integral, 2, None, closed="left")],
        "learning_rate": [Interval(Real, 0, None, closed="neither")],
        "schedule": [StrOptions(set(RECIPES))],
        "symmetries": [StrOptions({"dihedral", "leaky_rotation", "none"})],
        "binning": [StrOptions({"auto"}), Interval(Real, 1, None, closed="left")],
        "standardize": ["boolean"],
        "held_out": [Interval(Real, 0, 0.5, closed="left")],
        "keep_best": ["boolean"],
        "tol": [Interval(Real, 0, 1, closed="left"), None],
        "patience": [Interval(Integral, 1, None, closed="left")],
        "refine": ["boolean"],
        "max_time": [Interval(Real, 0, None, closed="neither"), None],
        "warm_start": ["boolean"],
        "max_memory": [str, Interval(Integral, 1, None, closed="left"), None],
        "n_threads": [Interval(Integral, 1, None, closed="left"), None],
        "device": [str],
        "random_state": ["random_state"],
        "verbose": ["verbose"],
    }
    # What a trained network stands on: changed after a fit, it calls for another one.
    _frozen = ("held_out",)
    # Whether ``_outputs`` tells which pixels a prediction could not see.
    _tells_hidden = False

    def __init_subclass__(cls, **options):
        """Write out in the signature what ``**shared`` stands for: scikit-learn reads it there."""
        super().__init_subclass__(**options)
        if "__init__" in vars(cls):
            cls.__init__.__signature__ = _full_signature(cls)

    def __init__(
        self,
        *,
        epochs=50,
        batch_size=1,
        crop_size="auto",
        learning_rate=3e-3,
        schedule="cosine",
        symmetries="dihedral",
        binning="auto",
        standardize=True,
        held_out=0.02,
        keep_best=False,
        tol=None,
        patience=5,
        refine=False,
        max_time=None,
        warm_start=False,
        max_memory=None,
        n_threads=None,
        device="auto",
        random_state=None,
        verbose=1,
    ):
        self.epochs = epochs
        self.batch_size = batch_size
        self.crop_size = crop_size
        self.learning_rate = learning_rate
        self.schedule = schedule
        self.symmetries = symmetries
        self.binning = binning
        self.standardize = standardize
        self.held_out = held_out
        self.keep_best = keep_best
        self.tol = tol
        self.patience = patience
        self.refine = refine
        self.max_time = max_time
        self.warm_start = warm_start
        self.max_memory = max_memory
        self.n_threads = n_threads
        self.device = device
        self.random_state = random_state
        self.verbose = verbose

    def _side_multiple(self):
        """Return what the sides of an image have to be a multiple of."""
        return 1

    def _stride(self):
        """Return how far apart the pixels lie from which others are predicted.

        Automatic binning leaves so much room between the pixels of the binned image.
        """
        return 2

    def _n_outputs(self):
        """Return how many pairs ``_outputs`` yields."""
        return N_SYMMETRIES if self.symmetries == "dihedral" else 1

    def _outputs(self, network, noisy, draws):
        """Yield one pass of the network over the image under each symmetry."""
        none = torch.zeros_like(noisy, dtype=torch.bool)
        for symmetry in range(self._n_outputs()):
            yield self._predict_turned(network, noisy, symmetry), none

    def _predict_turned(self, network, noisy, symmetry):
        """Return one pass over a turned image, turned back."""
        return at_any_side(
            lambda turned: self._predict(network, turned),
            noisy,
            side_multiple=self._alignment(network),
            symmetry=symmetry,
        )

    def _encoder_options(self, **options):
        """Return what the encoder takes beside its channels; `options` has it by encoder."""
        # On the full grid a small network has to look farther.
        if self.encoder == "compact":
            return {"n_levels": 3 if self.binning_ > 1 else 4}
        return options.get(self.encoder, {}) if isinstance(self.encoder, str) else {}

    def _predict(self, network, noisy):
        """Return the denoised image, (n, 1, height, width), from one pass of the network."""
        return network(noisy)

    @contextmanager
    def _resources(self, n_pixels):
        """Enter the context in which networks see `n_pixels` at once; return the device."""
        advice = "Try crop_size=64, a larger binning, or device='cpu'."
        network = getattr(self, "network_", None) or self._make_fresh_network(seed=0)
        n_weights = sum(weights.numel() for weights in network.parameters())
        with (
            limit_threads(self.n_threads, n_weights * n_pixels),
            explain_out_of_memory(advice),
            torch.backends.cudnn.flags(enabled=True, deterministic=True),
        ):
            yield pick_device(self.device)

    # Intensities and sizes: NumPy outside, tensors of shape (n, 1, height, width) inside.

    def _fit_grid(self, stack, binning):
        """Learn how intensities are mapped and how far images are binned."""
        grid = WorkingGrid.fit(
            stack, binning=binning, stride=self._stride(), standardize=self.standardize
        )
        self.grid_ = replace(grid, taper=self.binning == "auto")
        self.binning_ = self.grid_.binning
        self._check_binned_sides(stack)

    def _check_binned_sides(self, images):
        """Raise if a binned side is shorter than a cell."""
        check_sides(images, math.ceil((self._side_multiple() - 1) * max(self.grid_.factors) + 1))

    def _crop_side(self, sides):
        """Return the side of a training crop, in pixels of the grid, of images of such sides."""
        if self.crop_size == "auto":
            largest = _CROP_BINNED if self.binning_ > 1 else _CROP_FULL
            share = _CROP_STEP * round(_CROP_SHARE * min(sides) / _CROP_STEP)
            return min(largest, max(share, _CROP_STEP))
        return math.inf if self.crop_size == "full" else self.crop_size

    def _prepare(self, stack, device):
        """Turn images into what the network sees."""
        return torch.from_numpy(self.grid_.prepare(stack))[:, None].to(device)

    def _restore(self, output, shape, dtype=float):
        """Turn what the network made, (height, width), into an image in the input's units."""
        return self.grid_.restore(output, shape, dtype)

    def _fit_filter(self, stack):
        """Learn the filter that refines results, from images none of which is constant."""
        self.filter_ = None
        if self.refine:
            anscombe = estimate_noise(stack).anscombe()
            # Its blocks are small: it needs a fitting grid, whatever the network works on.
            self.filter_ = CollaborativeFilter.fit(
                stack, anscombe, "auto", at_least=self.grid_.factors
            )

    def _refine(self, denoised, noisy):
        """Return what a collaborative filter makes of an image, guided by a result."""
        if self.filter_ is None:
            raise ValueError("refine was False in fit and is True now; fit again.")
        share = self.filter_.weight
        if share == 0:
            return denoised
        if self.filter_.grid.binning == 1:  # blocks see little there, and the guide knows more
            share *= _FILTERED
        refined = self.filter_.denoise(noisy, guide=denoised)
        if share < 1:
            refined -= denoised
            refined *= share
            refined += denoised
        return refined

    def _held_out_map(self, noisy, fraction):
        """Mark the held-out pixels of images: (1, 1, height, width), on their device."""
        height, width = noisy.shape[-2:]
        held_out = held_out_pixels(self.seed_, height, width, fraction)
        return held_out[None, None].to(noisy.device)

    def __sklearn_is_fitted__(self):
        """Tell scikit-learn that a denoiser without a network is not fitted."""
        return hasattr(self, "network_")

    def _check_unchanged(self):
        """Raise if a parameter that the fit stands on has been set to another value."""
        for name, fitted in self.fitted_with_.items():
            if getattr(self, name) is not fitted and getattr(self, name) != fitted:
                raise ValueError(
                    f"{name} was {fitted!r} in fit and is {getattr(self, name)!r} now; fit again."
                )

    def __getstate__(self):
        """Turn the network into NumPy arrays, so that a fit from a GPU opens on a CPU."""
        if hasattr(self, "network_"):
            self._check_unchanged()
        state = dict(super().__getstate__())
        if state.get("network_") is not None:
            weights = state["network_"].state_dict()
            state["network_"] = {
                name: value.cpu().contiguous().numpy() for name, value in weights.items()
            }
        return state

    def __setstate__(self, state):
        """Build the network again from NumPy arrays."""
        super().__setstate__(state)
        if getattr(self, "network_", None) is not None:
            weights = {name: torch.from_numpy(value) for name, value in self.network_.items()}
            self.network_ = self._make_fresh_network(seed=0).eval()
            self.network_.load_state_dict(weights)


def _full_signature(cls):
    """Return the signature of ``cls.__init__``, with its parent's parameters for ``**shared``."""
    signature = inspect.signature(cls.__init__)
    own = {p.name: p for p in signature.parameters.values() if p.kind is not p.VAR_KEYWORD}
    if len(own) == len(signature.parameters):
        return signature
    shared = {
        name: parameter.replace(kind=parameter.KEYWORD_ONLY)
        for name, parameter in inspect.signature(super(cls, cls).__init__).parameters.items()
    }
    del shared["self"]
    new = {name: parameter for name, parameter in own.items() if name not in shared}
    return signature.replace(parameters=list((new | shared | own).values()))
