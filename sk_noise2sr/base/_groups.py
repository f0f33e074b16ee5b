"""Frames of unlike dose: one network for each dose; each image is denoised by the nearest one."""

import time
from dataclasses import replace

import numpy as np
from scipy.cluster.hierarchy import fcluster, linkage

from .._checks import check_target, varied
from ..grid import Levels, moments
from ._frames import warn_of_groups
from ._learn import learn

_ALIKE = np.log(2)  # log of a ratio of square roots: one network serves up to four times the dose
_FAINT = 0.01  # ratio of mean and deviation below which the mean counts as 0
_TIE = 0.01  # weight of the larger change, which decides between equal smaller ones
_FRAMES_COMPARED = 256  # of more frames, so many, evenly spread, are grouped


def learn_in_groups(denoiser, stack, y, valid, blank, before, deadline):
    """Return the fit to images; one network for each dose that there is.

    Parameters
    ----------
    denoiser, stack, y, valid, blank, before, deadline
        As for :func:`~sk_noise2sr.base._learn.learn`.

    Returns
    -------
    Fit
        That of most frames, with those of the others in ``others``.
    """
    groups = _group_by_dose(denoiser, stack)
    if len(groups) < 2:
        return learn(denoiser, stack, y, valid, blank, before, deadline)
    y = _check_target(denoiser, y, stack.shape)
    warn_of_groups([frames for frames, _ in groups], len(stack), type(denoiser).__name__)
    fits = []
    for frames, looks in groups:
        target, until = None if y is None else y[frames], _part(deadline, len(groups) - len(fits))
        fit = learn(denoiser, stack[frames], target, valid[frames], blank, None, until)
        fits.append(replace(fit, looks=looks, frames=frames.tolist()))
    return replace(fits[0], others=fits[1:])


def adapt_in_groups(denoiser, stack, y, valid, deadline):
    """Return the fit adapted to further images, each by the network that serves it.

    Parameters
    ----------
    denoiser, stack, y, valid, deadline
        As for :func:`~sk_noise2sr.base._learn.learn`.

    Returns
    -------
    Fit
        The fit, with the others that it holds.
    """
    fit = denoiser.fit_
    if not fit.others:
        return learn(denoiser, stack, y, valid, fit, fit, deadline, adapt=True)
    y = _check_target(denoiser, y, stack.shape)
    fits = []
    for each, frames in zip(fit.each, _frames_of(fit, stack), strict=True):
        target, until = None if y is None else y[frames], _part(deadline, len(fit.each) - len(fits))
        if len(frames):
            images, known = stack[frames], valid[frames]
            each = learn(denoiser, images, target, known, each, each, until, adapt=True)
        fits.append(each)
    return replace(fits[0], others=fits[1:])


def serving(fit, image):
    """Return that of a fit and its others which was trained on the frames most like an image."""
    return _nearest(fit, image) if fit.others else fit


def of_each(fit, stack):
    """Yield a fit and its others, each with the frames that it serves, if there are any."""
    if not fit.others:
        yield fit, slice(None)
        return
    for each, frames in zip(fit.each, _frames_of(fit, stack), strict=True):
        if len(frames):
            yield each, frames


def _part(deadline, n_left):
    """Return when the next of so many fits has to end."""
    now = time.monotonic()
    return now + (deadline - now) / n_left


def _frames_of(fit, stack):
    """Return the numbers of the frames that each of a fit and its others serves."""
    chosen = np.array([fit.each.index(_nearest(fit, image)) for image in stack])
    return [np.flatnonzero(chosen == number) for number in range(len(fit.each))]


def _nearest(fit, image):
    """Return that of a fit and its others which has seen the most similar frame."""
    return min(fit.each, key=lambda each: _distances([_looks_of(image)], each.looks).min())


def _looks_of(image):
    """Return two figures that depend on the dose: log deviation, and log mean over deviation."""
    mean, deviation = moments(image)
    deviation = max(deviation, np.finfo(float).tiny)
    return float(np.log(deviation)), float(np.log(np.hypot(mean / deviation, _FAINT)))


def _distances(looks, others):
    """Return how unlike in dose frames are, (n, n_others).

    A gain changes only the deviation, an offset only the mean over the deviation. A dose changes
    both, each by its square root. So the smaller of both changes is that of the dose.
    """
    change = np.abs(np.asarray(looks)[:, np.newaxis] - np.asarray(others))
    return change.min(axis=-1) + _TIE * change.max(axis=-1)


def _group_by_dose(denoiser, stack):
    """Return the frames of each group and the figures of :func:`_looks_of`, largest group first.

    Constant frames are in no group. Frames of one movie are not divided.
    """
    frames = np.flatnonzero(varied(stack))
    if getattr(denoiser, "context", None) or Levels.fit(stack[frames]) is None:
        return []
    looks = np.array([_looks_of(stack[number]) for number in frames])
    compared = looks[:: -(-len(looks) // _FRAMES_COMPARED)]
    if len(compared) < 2:
        return []
    unlike = _distances(compared, compared)
    tree = linkage(unlike[np.triu_indices(len(compared), 1)], "complete")
    labels = fcluster(tree, _ALIKE, "distance")
    nearest = labels[_distances(looks, compared).argmin(axis=1)]
    groups = [(frames[nearest == label], compared[labels == label]) for label in np.unique(labels)]
    return sorted(groups, key=lambda group: -len(group[0]))


def _check_target(denoiser, y, shape):
    return check_target(denoiser, y, shape) if denoiser._needs_target else None
