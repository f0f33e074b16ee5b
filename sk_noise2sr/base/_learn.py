"""From checked images to a fit.

In this order: common intensities of unlike frames, the working grid (and beside it the noise), the
frames that are seen together, the filter of ``refine``, and last the training, by the engine.
"""

import math
import time
from dataclasses import replace
from functools import partial

from .. import engine, movies
from .._blas import sequential_blas
from .._checks import check_target, float_type, varied
from .._smallest_side import check_sides
from .._threads import side_by_side
from ..grid import UNBINNED, fill_outliers
from ..noise import Anscombe, estimate_noise
from ..refine import CollaborativeFilter
from ._neighbours import neighbours_in
from ._resources import filter_threads, resources

_LONG = 0.1  # seconds: a draw that takes longer is timed alone


def learn(denoiser, stack, y, valid, blank, before, deadline, adapt=False):
    """Return the fit to images, from the weights of another fit or from fresh ones.

    Parameters
    ----------
    denoiser : BaseNetworkDenoiser
        The denoiser, whose hooks and parameters are used.
    stack : ndarray of shape (n, height, width)
        Checked images, with invalid pixels filled.
    y : array-like of the shape of `stack` or None
        The target where the method needs one.
    valid : ndarray of bool of the shape of `stack`
        False at invalid pixels.
    blank : Fit
        An empty fit with the seed and the parameters of this one; its grid and its filter, if any,
        are kept.
    before : Fit or None
        A fit from whose weights to go on.
    deadline : float
        The ``time.monotonic()`` by which the images are to be fitted and denoised.
    adapt : bool, default=False
        Whether to take only a tenth of the steps, on the grid of `before`.

    Returns
    -------
    Fit
        The fit; `blank` where all images are constant.
    """
    name = type(denoiser).__name__
    check_sides(stack, max(2, denoiser._scheme(UNBINNED).multiple))
    target = _check_target(denoiser, y, stack.shape)
    stack, target, valid = _only_varied(stack, target, valid, name)
    if not len(stack):
        return blank
    levels = denoiser._learn_levels(stack)
    if levels is not None:
        target = None if target is None else levels.bring(stack, target)
        stack = levels.bring(stack)
    if before is not None and before.network is None:
        before = None
    (grid, prepared), noise = side_by_side(
        partial(_learn_grid, denoiser, stack, blank, before if adapt else None),
        partial(_learn_noise, denoiser, stack),
    )
    if before is not None and not _go_on(before.grid, grid):
        before = None
    judged = adapt or blank.grid is None  # a fit on the grid of another repeats one that was judged
    plan = _plan(denoiser, grid, blank.seed, adapt, neighbours_in(prepared, grid.context), judged)
    refining = _learn_filter(denoiser, stack, noise, grid, None if adapt else blank.filter)
    n_pixels = plan.crop_pixels(stack.shape[1:], grid.factors)
    hollow = engine.hollow_network(plan.scheme.make_network)
    with resources(denoiser, hollow, n_pixels) as device:
        noisy = engine.to_tensor(prepared, device)
        valid = engine.to_tensor(grid.valid(valid), device)
        if target is not None:
            target = engine.to_tensor(grid.prepare(target), device)
        if deadline < math.inf:
            later = _seconds_to_denoise(denoiser, plan, noisy)
            later += _seconds_to_refine(denoiser, refining, stack)
            plan = replace(plan, deadline=deadline - later)
        learned = engine.fit_network(plan, noisy, valid, target, before)
    return replace(blank, grid=grid, filter=refining, levels=levels, **learned)


def _learn_grid(denoiser, stack, blank, before):
    """Return the working grid, with the frames seen together on it, and the images brought there.

    These are the frames of the fit `before`, if there is one.
    """
    binning = denoiser.binning if blank.grid is None else blank.grid.factors
    with sequential_blas:  # small products, after which idle threads would spin
        grid = denoiser._fit_grid(stack, binning, blank.seed)
    check_binned_sides(stack, grid, denoiser._scheme(grid))
    prepared = grid.prepare(stack)
    context = before.grid.context if before else denoiser._learn_context(stack, prepared)
    if context is None:
        return grid, prepared
    if not before:
        grid = _without_padding(denoiser, grid, context, stack, blank.seed)
        prepared = grid.prepare(stack)
    return replace(grid, context=context), prepared


def learn_filter(denoiser, stack, grid):
    """Return the filter that refines results, learned from images that are not constant, or None.

    `grid` is that of the network.
    """
    return _learn_filter(denoiser, stack, _learn_noise(denoiser, stack), grid)


def _learn_noise(denoiser, stack):
    """Return the noise that the filter has to do with; None without one."""
    if not denoiser.refine:
        return None
    if denoiser._known_noise:
        return Anscombe.from_pair(denoiser._known_noise)
    with sequential_blas:
        return estimate_noise(stack).anscombe()


def _learn_filter(denoiser, stack, noise, grid, chosen=None):
    """Return the filter for such noise; if `chosen` is one, with the grid and the shares of it."""
    if noise is None:
        return None
    # The filter has small blocks, and so a grid of its own, whatever that of the network.
    # A network that has seen several images knows more than any one of them shows.
    known = denoiser._known_noise is not None
    look = {"at_least": grid.factors, "alone": len(stack) == 1, "known": known}
    with sequential_blas:
        if chosen is not None:
            return chosen.again(stack, noise)
        return CollaborativeFilter.fit(stack, noise, "auto", **look)


def check_binned_sides(images, grid, scheme):
    """Raise if a binned side is shorter than a cell."""
    check_sides(images, math.ceil((scheme.multiple - 1) * max(grid.factors) + 1))


def _go_on(before, grid):
    """Return whether a network fits another grid: with the same factors and number of frames."""
    reach = [0 if each.context is None else each.context.reach for each in (before, grid)]
    return before.factors == grid.factors and reach[0] == reach[1]


def _without_padding(denoiser, grid, context, stack, seed):
    """Return a grid on whose sides the network needs no padding.

    To that end a factor that was read off the images is made a little smaller. Only for movies.
    """
    if denoiser.binning != "auto" or grid.binning == 1:
        return grid
    scheme = denoiser._scheme(replace(grid, context=context))
    multiple = scheme.alignment(engine.seeded_weights(scheme.make_network, seed))
    factors = grid.factors_for_sides(stack.shape[1:], multiple)
    return grid if factors is None else denoiser._fit_grid(stack, factors, seed)


def _plan(denoiser, grid, seed, adapt, neighbours, judged):
    return engine.Plan(
        name=type(denoiser).__name__,
        scheme=denoiser._scheme(grid),
        training=denoiser._training,
        epochs=denoiser.epochs,
        seed=seed,
        binned=grid.binning > 1,
        deadline=math.inf,
        verbose=denoiser.verbose,
        adapt=adapt,
        neighbours=neighbours,
        judged=judged,
    )


def _seconds_to_denoise(denoiser, plan, noisy):
    """Return how long the draws for all images take; the first, slower draw is not counted."""
    network = engine.seeded_weights(plan.scheme.make_network, plan.seed).eval()
    frame = movies.surround(noisy, 0, plan.neighbours)[None]
    predictor = engine.Predictor(network, plan.scheme, plan.seed, denoiser.max_memory)
    next(predictor.passes(frame))
    start = time.monotonic()
    for n_made, _ in enumerate(predictor.passes(frame), start=1):
        seconds = (time.monotonic() - start) / n_made
        if n_made == plan.scheme.n_alike or seconds > _LONG:  # small frames have several at once
            break
    return seconds * plan.scheme.n_passes * len(noisy)


def _seconds_to_refine(denoiser, refining, stack):
    """Return how long the filter takes for all images, measured on a quarter of one."""
    if refining is None:
        return 0.0
    part = stack[0][tuple(slice(-(-side // 2)) for side in stack[0].shape)]
    start = time.monotonic()
    with filter_threads(denoiser):
        refining.refine(part, part.astype(float_type(part.dtype)))
    return denoiser._n_passes * (time.monotonic() - start) * stack.size / part.size


def _check_target(denoiser, y, shape):
    """Return the target, free of bad pixels; None for methods that need none."""
    if not denoiser._needs_target:
        return None
    target = check_target(denoiser, y, shape)
    return fill_outliers(target.astype(float_type(target.dtype), copy=False))


def _only_varied(stack, target, valid, name):
    """Leave out constant images, of which nothing can be learned."""
    kept = varied(stack)
    if not kept.all():
        stack, valid = stack[kept], valid[kept]
        target = None if target is None else target[kept]
    if target is not None and len(target) and target.min() == target.max():
        raise ValueError(
            f"{name} cannot learn from a target y that is {target.min():g} in every pixel; give "
            "images that show what X shows."
        )
    return stack, target, valid
