"""What all denoisers with a network share: parameters, hooks, intensities, pickling."""

import math
from contextlib import contextmanager
from numbers import Integral, Real

import torch
from sklearn.utils._param_validation import Interval, StrOptions

from .._checks import check_sides
from .._grid import WorkingGrid
from ..samplers import held_out_pixels
from ..training import RECIPES, explain_out_of_memory, limit_threads, pick_device
from ._denoiser import BaseDenoiser
from ._inference import InferenceMixin
from ._training import TrainingMixin

_CROP_BINNED, _CROP_FULL = 128, 160


class BaseNetworkDenoiser(TrainingMixin, InferenceMixin, BaseDenoiser):
    """Base class of denoisers that train a network on the noisy image.

    A method writes three hooks, how to corrupt and compare, and what to average:

    - ``_make_network()`` returns a fresh ``torch.nn.Module``;
    - ``_loss(network, batch)`` returns a scalar tensor for a :class:`~sk_noise2sr.training.Batch`;
    - ``_outputs(network, noisy, draws)`` yields pairs of tensors of the shape of `noisy`,
      (1, 1, height, width): a prediction, and a map of the pixels that this prediction could not
      see. ``transform`` returns the mean of the predictions.

    and, where it needs other values, ``_side_multiple()`` and ``_n_outputs()``.
    """

    _parameter_constraints = {
        "epochs": [Interval(Integral, 1, None, closed="left")],
        "batch_size": [Interval(Integral, 1, None, closed="left")],
        "crop_size": [StrOptions({"auto"}), Interval(Integral, 2, None, closed="left")],
        "learning_rate": [Interval(Real, 0, None, closed="neither")],
        "schedule": [StrOptions(set(RECIPES))],
        "symmetries": [StrOptions({"dihedral", "leaky_rotation", "none"})],
        "binning": [StrOptions({"auto"}), Interval(Real, 1, None, closed="left")],
        "standardize": ["boolean"],
        "held_out": [Interval(Real, 0, 0.5, closed="left")],
        "max_time": [Interval(Real, 0, None, closed="neither"), None],
        "n_threads": [Interval(Integral, 1, None, closed="left"), None],
        "device": [str],
        "random_state": ["random_state"],
        "verbose": ["verbose"],
    }
    _presets = {"default": {}}
    # What a trained network stands on: changed after a fit, it calls for another one.
    _frozen = ("held_out",)

    def __init__(
        self,
        *,
        epochs,
        batch_size,
        crop_size,
        learning_rate,
        schedule,
        symmetries,
        binning,
        standardize,
        held_out,
        max_time,
        n_threads,
        device,
        random_state,
        verbose,
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
        self.max_time = max_time
        self.n_threads = n_threads
        self.device = device
        self.random_state = random_state
        self.verbose = verbose

    @classmethod
    def from_preset(cls, name, **parameters):
        """Make a denoiser with a named set of hyperparameters.

        Parameters
        ----------
        name : str
            ``"default"``, or another set of the class; ``"paper"`` is the published schedule.
        **parameters : object
            Hyperparameters that differ from the set.

        Returns
        -------
        BaseNetworkDenoiser
            An unfitted denoiser.

        Raises
        ------
        ValueError
            If there is no such set.
        """
        if name not in cls._presets:
            known = ", ".join(map(repr, sorted(cls._presets)))
            raise ValueError(f"Unknown preset {name!r} of {cls.__name__}; known: {known}.")
        return cls(**{**cls._presets[name], **parameters})

    def _side_multiple(self):
        """Return what the sides of an image have to be a multiple of."""
        return 1

    def _n_outputs(self):
        """Return how many pairs ``_outputs`` yields."""
        return 1

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

    def _fit_grid(self, stack):
        """Learn how intensities are mapped and how far images are binned."""
        self.grid_ = WorkingGrid.fit(
            stack,
            binning=self.binning,
            stride=self._side_multiple(),
            standardize=self.standardize,
        )
        self.binning_ = self.grid_.binning
        self._check_binned_sides(stack)

    def _check_binned_sides(self, images):
        """Raise if a binned side is shorter than a cell."""
        check_sides(images, math.ceil((self._side_multiple() - 1) * self.binning_ + 1))

    def _crop_side(self):
        """Return the side of a training crop, in pixels of the grid."""
        if self.crop_size == "auto":
            return _CROP_BINNED if self.binning_ > 1 else _CROP_FULL
        return self.crop_size

    def _prepare(self, stack, device):
        """Turn images into what the network sees."""
        return torch.from_numpy(self.grid_.prepare(stack))[:, None].to(device)

    def _restore(self, output, shape):
        """Turn what the network made, (height, width), into an image in the input's units."""
        return self.grid_.restore(output, shape)

    def _held_out_map(self, noisy):
        """Mark the held-out pixels of images: (1, 1, height, width), on their device."""
        height, width = noisy.shape[-2:]
        held_out = held_out_pixels(self.seed_, height, width, self.held_out)
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
            state["network_"] = {name: value.cpu().numpy() for name, value in weights.items()}
        return state

    def __setstate__(self, state):
        """Build the network again from NumPy arrays."""
        super().__setstate__(state)
        if getattr(self, "network_", None) is not None:
            weights = {name: torch.from_numpy(value) for name, value in self.network_.items()}
            self.network_ = self._make_fresh_network(seed=0).eval()
            self.network_.load_state_dict(weights)
