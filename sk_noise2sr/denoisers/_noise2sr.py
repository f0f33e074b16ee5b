"""Noise2SR: learn to super-resolve a random sub-sample of the noisy image."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from numbers import Integral
from typing import Any

from sklearn.utils._param_validation import Interval, StrOptions

from .. import movies, networks, samplers, schemes
from .._docs import fill_doc
from .._limits import PASSES
from .._types import Seed
from ..base import BaseNetworkDenoiser
from ..engine import Training
from ..grid import colour_of_image, whiteness
from ..networks import ENCODER_NAMES, UPSAMPLER_NAMES
from ..noise import Anscombe


@fill_doc
class Noise2SR(BaseNetworkDenoiser):
    """Zero-shot denoising by self-supervised super-resolution.

    One random pixel of every ``stride`` x ``stride`` cell is kept, and a network learns to
    predict, from those, the pixels left out [1]_. As the noise of a pixel left out cannot be
    guessed from the noise of others, what it learns to predict is the signal. The result is the
    mean of the predictions from ``M`` random sub-samples.

    The noise has to be of zero mean. Noise that neighbouring pixels share is measured, and binned
    or made white first (``sampling="auto"``). Blur is not removed.

    Parameters
    ----------
    stride : int >= 2, default=2
        Side of a cell, in pixels.
    encoder : name or callable, default="compact"
        ``"compact"``: a small U-Net, for a minute on a CPU, with three levels on a binned image
        and four on the full grid. ``"unet"``: the published one, whose inner levels share their
        weights, as in the released code; ``"unet_untied"``: each with its own. ``"uformer"`` and
        ``"restormer"``: transformers at their published sizes, for a GPU;
        ``"uformer_compact"`` and ``"restormer_compact"``: small ones; the first takes about three
        times the CPU time of ``"compact"``, the second little more than it. ``"dncnn"``: DnCNN
        with 17 layers. Or a callable ``(in_channels, out_channels) -> torch.nn.Module`` whose
        output has the size of its input.
    upsampler : {"pixelshuffle", "transposed", "bilinear"}, default="pixelshuffle"
        How the decoder brings features to full size.
    M : int >= 1, default=32
        Number of sub-samples averaged by ``transform``.
    sampling : name, default="auto"
        ``"auto"``: noise that neighbours share is made white, for ``"random"``; where they share
        little, along one axis, it is ``"rows"`` or ``"columns"``. Only ``"auto"`` whitens.
        ``"random"``: each cell keeps a pixel of its own; in every ``stride**2`` successive draws of
        ``transform``, each pixel once. ``"independent"``: the draws are independent, as published.
        ``"fixed"``: all cells keep the same pixel. ``"rows"``: cells side by side keep pixels of
        one row, and pixels of other rows are predicted from them, for noise that is correlated
        along rows, as by afterglow of the detector; ``"columns"``: the same for columns.
        ``"all_but_one"``: each cell hides one pixel, which is predicted from all others; for
        images with detail as fine as their pixels.
    context : int >= 0 or "auto", default=0
        For movies: number of frames before each frame, and after it, from which it is predicted
        too. A stack is then one movie, in order of time. 0 sees every image alone.
        ``"auto"`` is 2 if that predicts held-out pixels better, and 0 otherwise.
    noise : tuple of two float or None, default=None
        ``(a, b)``, if the noise is known to have the variance ``a * clean + b**2``: ``(1, 0)``
        for counted electrons. Then texture as fine as the pixels, which looks like smooth noise, is
        kept, as far as high frequencies show that the noise is white. None reads it off the images;
        whole numbers of counts are recognised.
    %(network_parameters)s

    Attributes
    ----------
    sampling_ : str
        The sampling: what ``"auto"`` chose.
    context_ : Context
        The frames that a frame is seen with: ``reach`` on each side, 0 for none, without the
        nearest ``gap``.
    %(network_attributes)s

    References
    ----------
    .. [1] X. Tian et al., "Zero-Shot Image Denoising for High-Resolution Electron Microscopy",
       IEEE Transactions on Computational Imaging 10, 1462-1475, 2024.

    Examples
    --------
    >>> from sk_noise2sr import Noise2SR, datasets
    >>> clean, noisy = datasets.make_hrem((64, 64), random_state=0)
    >>> denoised = Noise2SR(epochs=2, M=4, random_state=0).fit_transform(noisy)
    >>> denoised.shape
    (64, 64)

    A movie, whose frames are predicted from their neighbours too:

    >>> clean, movie = datasets.make_movie("drift", (64, 64), 5, random_state=0)
    >>> Noise2SR(context=1, epochs=2, M=4, random_state=0).fit_transform(movie).shape
    (5, 64, 64)
    """

    _parameter_constraints = {
        **BaseNetworkDenoiser._parameter_constraints,
        "stride": [Interval(Integral, 2, None, closed="left")],
        "encoder": [StrOptions(ENCODER_NAMES), callable],
        "upsampler": [StrOptions(UPSAMPLER_NAMES)],
        "M": [PASSES],
        "sampling": [
            StrOptions({"auto", "random", "independent", "fixed", "rows", "columns", "all_but_one"})
        ],
        "context": [Interval(Integral, 0, None, closed="left"), StrOptions({"auto"})],
        "noise": [tuple, list, None],
    }
    _frozen = ("stride", "encoder", "upsampler", "sampling", "context")
    _presets = {
        "default": {},
        "fast": {"epochs": 20, "M": 16, "refine": 3},
        "instant": {
            "epochs": 7,
            "M": 16,
            "refine": 3,
            "training": Training(learning_rate=4.5e-3),
        },
        "paper": {
            "encoder": "unet",
            "M": 50,
            "sampling": "independent",
            "epochs": 1500,
            "binning": 1,
            "refine": False,
            "training": Training(
                batch_size=10,
                crop_size=256,
                learning_rate=1e-4,
                schedule="constant",
                symmetries="leaky_rotation",
                standardize=False,
                held_out=0.0,
            ),
        },
    }

    def __init__(
        self,
        stride: int = 2,
        *,
        encoder: str | Callable[..., Any] = "compact",
        upsampler: str = "pixelshuffle",
        M: int = 32,
        sampling: str = "auto",
        context: int | str = 0,
        noise: tuple[float, float] | None = None,
        epochs: int = 48,
        binning: float | str = "auto",
        refine: bool | int = True,
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
        self.stride = stride
        self.encoder = encoder
        self.upsampler = upsampler
        self.M = M
        self.sampling = sampling
        self.context = context
        self.noise = noise

    @property
    def sampling_(self) -> str:
        """The sampling: what ``"auto"`` chose."""
        return self._sampling(self.grid_)

    @property
    def context_(self) -> Any:
        """With which frames around it a frame is seen."""
        return (self.grid_ and self.grid_.context) or movies.Context(0)

    def _learn_context(self, stack, prepared):
        return movies.Context.learn(self.context, stack, prepared)

    def _sampling(self, grid):
        return (grid.correlated or "random") if self.sampling == "auto" else self.sampling

    @property
    def _known_noise(self):
        return self.noise

    def _fit_grid(self, stack, binning, seed):
        variance_at = None if self.noise is None else Anscombe.from_pair(self.noise).variance
        white = whiteness(stack[0], variance_at)
        if self.sampling != "auto":
            return self._working_grid(stack, binning, white=white)
        colour = colour_of_image(stack[0], white=white)
        grid = self._working_grid(stack, binning, colour, white)
        if grid.colour is not None:
            return grid
        chosen = samplers.choose_sampling(stack, grid.factors, colour)
        return replace(grid, correlated=None if chosen == "random" else chosen)

    def _scheme(self, grid):
        options = networks.encoder_options(self.encoder, grid.binning > 1)
        n_neighbours = 2 * grid.context.reach if grid.context else 0
        make = partial(
            networks.make_super_resolution_network,
            self.encoder,
            self.stride,
            upsampler=self.upsampler,
            encoder_options=options,
            n_neighbours=n_neighbours,
        )
        turns = self._training.turns
        sampling = self._sampling(grid)
        if sampling == "all_but_one":  # one output is made of passes that hide each pixel once
            make = partial(
                networks.make_denoising_network,
                self.encoder,
                encoder_options=options,
                n_neighbours=n_neighbours,
            )
            mask, n_draws = schemes.CellMask(self.stride), max(1, self.M // self.stride**2)
            return schemes.BlindSpots(make, mask, n_draws, turns)
        scheme, sampler = _scheme_and_sampler(sampling)
        return scheme(make, sampler(self.stride), self.M, turns)


def _scheme_and_sampler(sampling):
    independent = partial(samplers.RandomSubsampler, stratified=False)
    return {
        "random": (schemes.SuperResolution, samplers.RandomSubsampler),
        "independent": (schemes.SuperResolution, independent),
        "fixed": (schemes.SuperResolution, samplers.FixedSubsampler),
        "rows": (schemes.RowSuperResolution, samplers.RowSubsampler),
        "columns": (schemes.ColumnSuperResolution, samplers.ColumnSubsampler),
    }[sampling]
