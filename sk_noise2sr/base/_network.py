"""What all denoisers with a network share: intensities, binning, training, averages, tiles."""

import itertools
import math
import time
import warnings
from contextlib import contextmanager
from numbers import Integral, Real

import numpy as np
import torch
from sklearn.utils._param_validation import Interval, StrOptions

from .._checks import as_stack, check_sides, map_images
from .._grid import WorkingGrid
from .._progress import progress_bar
from .._seeding import make_seed
from .._sides import crop_to_multiple, pad_to_multiple
from ..inference import Draws, Moments, make_tiles, receptive_radius
from ..samplers import held_out_pixels
from ..training import (
    RECIPES,
    CropSampler,
    explain_out_of_memory,
    limit_threads,
    pick_device,
    train,
)
from ._denoiser import BaseDenoiser
from ._guard import held_out_errors, judge

CROPS_PER_EPOCH = 40
_ATTEMPTS, _SMALLER = 3, 3  # each new attempt divides the learning rate
_JUDGED_SIDE, _JUDGED_DRAWS = 512, 8  # what the judgement on a fit looks at
_TILE_PIXELS = 2**20


class BaseNetworkDenoiser(BaseDenoiser):
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
        "crop_size": [Interval(Integral, 2, None, closed="left")],
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

    def transform(self, X, return_std=False):
        """Denoise one image or a stack: the mean over random draws.

        Parameters
        ----------
        X : array-like of shape (height, width) or (n, height, width)
            Noisy images, of the size seen by ``fit`` or of another.
        return_std : bool, default=False
            Whether to return the spread of the draws too. It tells where the network is unsure;
            it is not the error of the mean.

        Returns
        -------
        denoised : ndarray of the shape of X
            The denoised images, of the floating type of `X`; integers come back as the floating
            type that holds them. Nothing is clipped.
        std : ndarray of the shape of X
            Standard deviation over the draws, pixel by pixel. Only if `return_std`.
        """
        images = self._check_transform(X)
        name = f"{type(self).__name__}.transform"
        total = len(as_stack(images)) * self._n_outputs()
        with progress_bar(total, name, "draw", self.verbose) as bar:
            if not return_std:
                return map_images(lambda image: self._denoise(image, bar=bar), images)
            both = map_images(lambda image: np.stack(self._denoise(image, True, bar)), images)
            return tuple(np.moveaxis(both, -3, 0))

    def score(self, X, y=None):
        """Return a figure in decibels, greater is better.

        Parameters
        ----------
        X : array-like of shape (height, width) or (n, height, width)
            Noisy images.
        y : array-like of the shape of X, default=None
            A reference.

        Returns
        -------
        float
            With a reference the PSNR of the denoised images against it. Without, how well the
            pixels held out of the training targets are predicted by draws that do not see them:
            the coefficient of determination R**2 in decibels, -10 log10(1 - R**2), on the binned
            grid; comparable between fits of one image at one ``binning``.

        Raises
        ------
        ValueError
            If there is neither a reference nor a held-out pixel.
        """
        return self._held_out_score(X) if y is None else super().score(X, y)

    def _side_multiple(self):
        """Return what the sides of an image have to be a multiple of."""
        return 1

    def _n_outputs(self):
        """Return how many pairs ``_outputs`` yields."""
        return 1

    def _fit(self, stack, y=None):
        start = time.monotonic()
        vars(self).pop("network_", None)  # a fit that fails leaves no older one behind
        self.seed_ = make_seed(self.random_state)
        check_sides(stack, self._side_multiple())
        if stack.min() == stack.max():
            self._fit_constant()
            return
        with self._resources(self.batch_size * self.crop_size**2) as device:
            self._fit_grid(stack)
            noisy = self._prepare(stack, device)
            self._train(noisy, math.inf if self.max_time is None else start + self.max_time)

    def _fit_constant(self):
        """Remember that there is nothing to learn: constant images come back unchanged."""
        self.network_, self.history_, self.n_iter_ = None, [], 0
        self.binning_, self.held_out_error_ = 1.0, 0.0

    @contextmanager
    def _resources(self, n_pixels):
        """Enter the context in which networks see `n_pixels` at once; return the device."""
        advice = f"Try crop_size={max(self.crop_size // 2, 2)}, a larger binning or device='cpu'."
        with limit_threads(self.n_threads, n_pixels), explain_out_of_memory(advice):
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
        smallest = math.ceil((self._side_multiple() - 1) * self.binning_ + 1)
        check_sides(stack, smallest)

    def _prepare(self, stack, device):
        """Turn images into what the network sees."""
        return torch.from_numpy(self.grid_.prepare(stack))[:, None].to(device)

    def _restore(self, output, shape):
        """Turn what the network made, (height, width), into an image in the input's units."""
        return self.grid_.restore(output, shape)

    # Training, and the judgement on it.

    def _train(self, noisy, deadline):
        """Train; start again with smaller steps if that fails; raise if that fails too."""
        targets = ~self._held_out_map(noisy)
        learning_rate, reasons = self.learning_rate, []
        for attempt in range(_ATTEMPTS):
            outcome = self._train_once(noisy, targets, learning_rate, attempt, deadline)
            self._keep(outcome)
            reason = self._judge(noisy, outcome)
            if reason is None:
                return
            reasons.append(f"with learning_rate={learning_rate:.2g} {reason}")
            if outcome.ended == "interrupted":
                warnings.warn(f"Interrupted too early for a useful fit: {reason}.", stacklevel=4)
                return
            if outcome.ended == "time":
                break
            learning_rate /= _SMALLER
        del self.network_
        raise RuntimeError(
            f"{type(self).__name__} could not be fitted: {'; '.join(reasons)}. Try more epochs or "
            "time, another stride or binning=1; is the noise independent from pixel to pixel?"
        )

    def _train_once(self, noisy, targets, learning_rate, attempt, deadline):
        seed = self.seed_ + attempt
        network = self._make_fresh_network(seed).to(noisy.device)
        crops = CropSampler(
            noisy,
            targets,
            crop_size=self.crop_size,
            side_multiple=self._side_multiple(),
            batch_size=self.batch_size,
            symmetries=self.symmetries,
            seed=seed,
        )
        return train(
            crops.batch,
            lambda batch: self._loss(network, batch),
            RECIPES[self.schedule](network, learning_rate),
            self.epochs * math.ceil(CROPS_PER_EPOCH / self.batch_size),
            deadline=deadline,
            verbose=self.verbose,
            name=f"{type(self).__name__}.fit",
        )

    def _make_fresh_network(self, seed):
        """Make a network with weights from a seed, the global generator left as it was."""
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            return self._make_network()

    def _keep(self, outcome):
        self.network_, self.history_ = outcome.network, outcome.history
        self.n_iter_ = len(outcome.history)
        if outcome.ended == "interrupted":
            warnings.warn(
                f"Training was interrupted after {self.n_iter_} steps; the weights so far are "
                "kept.",
                stacklevel=5,
            )

    def _judge(self, noisy, outcome):
        """Say what is wrong with a fit, or None; sets ``held_out_error_``."""
        if outcome.ended == "diverged":
            return f"the loss was not finite at step {self.n_iter_}"
        window = noisy[:1, :, :_JUDGED_SIDE, :_JUDGED_SIDE]
        errors, baseline = self._errors(window, limit=_JUDGED_DRAWS)
        self.held_out_error_ = float(errors.mean()) if errors.size else math.nan
        return judge(errors, baseline)

    def _held_out_map(self, noisy):
        """Mark the held-out pixels of images: (1, 1, height, width), on their device."""
        height, width = noisy.shape[-2:]
        held_out = held_out_pixels(self.seed_, height, width, self.held_out)
        return held_out[None, None].to(noisy.device)

    def _errors(self, noisy, limit=None):
        """Return the errors at the held-out pixels of one image, and those of a local mean.

        Without held-out pixels, all count: no prediction that counts has seen its pixel.
        """
        noisy = crop_to_multiple(noisy, self._side_multiple())
        held_out = self._held_out_map(noisy)
        held_out = held_out if self.held_out else ~held_out
        frames = itertools.islice(self._frames(noisy), limit)
        return held_out_errors(frames, noisy, held_out[0, 0])

    def _held_out_score(self, X):
        stack = as_stack(self._check_transform(X))
        if not self.held_out:
            raise ValueError(
                "held_out=0 leaves no pixel to score on; give a reference, score(X, y), or fit "
                "with held_out above 0."
            )
        if self.network_ is None:
            return math.inf if stack.min() == stack.max() else self._refuse_constant_fit()
        with self._resources(stack[0].size / self.binning_**2) as device:
            prepared = [self._prepare(image[np.newaxis], device) for image in stack]
            errors = np.concatenate([self._errors(image)[0] for image in prepared])
            variance = np.mean([float(image.var()) for image in prepared])
        return 10 * math.log10(variance / errors.mean())

    # Inference: draws outside, tiles inside, so that draws can be counted one by one.

    def _denoise(self, image, return_std=False, bar=None):
        if image.min() == image.max():
            return (image, np.zeros_like(image, dtype=float)) if return_std else image
        if self.network_ is None:
            self._refuse_constant_fit()
        mean, spread = Moments(), Moments()
        with self._resources(image.size / self.binning_**2) as device:
            noisy = self._prepare(image[np.newaxis], device)
            height, width = noisy.shape[-2:]
            for prediction, _ in self._frames(pad_to_multiple(noisy, self._side_multiple())):
                output = prediction[0, 0, :height, :width].cpu().numpy()
                mean.add(output)
                if return_std:
                    spread.add(self._restore(output, image.shape))
                if bar is not None:
                    bar.update()
        denoised = self._restore(mean.mean, image.shape)
        return (denoised, spread.std()) if return_std else denoised

    @torch.inference_mode()
    def _frames(self, noisy):
        """Yield the pairs of ``_outputs`` for a frame of any size."""
        network = self.network_.to(noisy.device)
        tiles = self._tiles(network, *noisy.shape[-2:])
        streams = [
            self._outputs(
                network,
                noisy[..., *tile.read],
                Draws(self.seed_, row=tile.read[0].start, column=tile.read[1].start),
            )
            for tile in tiles
        ]
        for parts in zip(*streams, strict=True):
            yield parts[0] if len(tiles) == 1 else _assemble(parts, tiles, noisy)

    def _tiles(self, network, height, width):
        if height * width <= _TILE_PIXELS:
            return make_tiles(height, width, max_pixels=_TILE_PIXELS, halo=0, align=1)
        align = math.lcm(self._side_multiple(), getattr(network, "side_multiple", 1))
        halo = receptive_radius(network, align)
        return make_tiles(height, width, max_pixels=_TILE_PIXELS, halo=halo, align=align)

    def _refuse_constant_fit(self):
        raise ValueError(
            f"This {type(self).__name__} was fitted on a constant image, from which nothing can "
            "be learned; fit it on an image like the one to denoise."
        )

    def __sklearn_is_fitted__(self):
        """Tell scikit-learn that a denoiser without a network is not fitted."""
        return hasattr(self, "network_")

    def __getstate__(self):
        """Turn the network into NumPy arrays, so that a fit from a GPU opens on a CPU."""
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


def _assemble(parts, tiles, noisy):
    """Put the kept parts of tiles together to a prediction and a map of a whole frame."""
    prediction, hidden = torch.empty_like(noisy), torch.empty_like(noisy, dtype=torch.bool)
    for (part, part_hidden), tile in zip(parts, tiles, strict=True):
        prediction[..., *tile.write] = part[..., *tile.inner]
        hidden[..., *tile.write] = part_hidden[..., *tile.inner]
    return prediction, hidden
