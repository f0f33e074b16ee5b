"""Collaborative filtering: blocks that look alike are filtered together, and put back."""

from itertools import product

import numpy as np
from joblib import Parallel, delayed
from numpy.lib.stride_tricks import sliding_window_view

from .._threads import threads_for
from ._blocks import BlockSums, take_blocks, transform_blocks
from ._matching import match_blocks

_QUIETEST = 1e-6  # of the mean variance: weaker noise counts as this
_PATCH = 160  # positions of references along a side of a patch, which searches around them too
_BLOCKS_AT_A_TIME = 2**13  # so many that their memory stays in the cache
# The weight of a block is this power of its valid share, which counts as _LEAST_SHARE at least.
_POWER, _LEAST_SHARE = 8, 0.1


def filter_groups(noisy, guide, stage, shrink, n_estimates=1, valid=None, uneven=None):
    """Filter an image once, group by group.

    Patches of an image are shared out among threads; see :func:`threads_for`.

    Parameters
    ----------
    noisy : ndarray of float32 of shape (height, width)
        The image, in units of the noise.
    guide : ndarray of float32 of shape (height, width) or None
        An estimate of the clean image, by which blocks are compared; None compares noisy ones.
    stage : Stage
        Sizes and limits.
    shrink : callable
        Maps blocks, (n, group size, pixels), and those of the guide or None, to the denoised ones,
        the weight of each of the n groups, and what the blocks of a group have in common,
        (n, pixels), if there are two estimates.
    n_estimates : {1, 2}, default=1
        Whether what groups have in common is wanted too.
    valid : ndarray of float32 of shape (height, width) or None, default=None
        How far each pixel is part of the picture, from 0 to 1; None for all.
    uneven : ndarray of float32 of shape (height, width) or None, default=None
        The standard deviation of the noise at each pixel; None for 1.

    Returns
    -------
    ndarray of float32 of shape (n_estimates, height, width)
        The weighted mean of all estimates of a pixel; and of what the groups of the references
        that cover it have in common.
    """
    stage, shape = stage.for_shape(noisy.shape), noisy.shape
    noisy, guide, valid, uneven = (_pad(image, stage) for image in (noisy, guide, valid, uneven))
    trust = None if valid is None else _trust(valid, stage.block)
    variance = None if uneven is None else _means_of_blocks(uneven**2, stage.block)
    total = np.zeros((2, n_estimates, *noisy.shape), np.float32)
    patches = list(_patches(noisy.shape, stage))
    sums_of_patches = Parallel(threads_for(patches), "threading", return_as="generator")(
        delayed(_filter_patch)(
            noisy[pixels],
            None if guide is None else guide[pixels],
            references,
            stage,
            shrink,
            n_estimates,
            None if trust is None else trust[positions],
            None if variance is None else variance[positions],
        )
        for references, positions, pixels in patches
    )
    for (*_, pixels), part in zip(patches, sums_of_patches, strict=True):
        total[:, :, *pixels] += part
    sums, weights = total
    sums /= weights
    return sums[:, : shape[0], : shape[1]]


def _pad(image, stage):
    """Pad an image so that the last reference block ends at its border."""
    if image is None:
        return None
    missing = [(0, -(side - stage.block) % stage.step) for side in image.shape]
    return np.pad(image, missing, mode="symmetric")


def _trust(valid, size):
    """Return the weight of the block at each position: small if much of it was filled in."""
    return np.clip(_means_of_blocks(valid, size), _LEAST_SHARE, 1) ** _POWER


def _means_of_blocks(image, size):
    return sliding_window_view(image, (size, size)).mean(axis=(2, 3))


def _patches(shape, stage):
    """Yield patches of an image, each reference in one of them.

    Of each: the references, counted from where the patch begins; all positions that they search;
    and the pixels of the blocks there. All are pairs, for rows and columns.
    """
    for patch in product(*(_spans(side - stage.block + 1, stage) for side in shape)):
        references, positions = zip(*patch, strict=True)
        pixels = tuple(slice(seen.start, seen.stop + stage.block - 1) for seen in positions)
        yield references, positions, pixels


def _spans(n_positions, stage):
    """Yield references and searched positions of patches along an axis, of about equal length."""
    n_references = -(-n_positions // stage.step)
    at_most = max(1, _PATCH // stage.step)
    length = stage.step * -(-n_references // -(-n_references // at_most))
    for first in range(0, n_positions, length):
        end = min(first + length - stage.step + 1, n_positions)
        seen = slice(max(0, first - stage.radius), min(end + stage.radius, n_positions))
        yield range(first - seen.start, end - seen.start, stage.step), seen


def _filter_patch(noisy, guide, references, stage, shrink, n_estimates, trust, variance):
    """Return the weighted sums of the estimates of a patch, and the sums of their weights."""
    size = stage.block
    width = noisy.shape[1] - size + 1
    matches, close = _matches(noisy if guide is None else guide, references, stage, variance)
    sums = [BlockSums(noisy.shape, size) for _ in range(n_estimates)]
    for members in _groups(matches, close):
        places = np.divmod(members, width)
        blocks = take_blocks(noisy, places, size)
        guides = None if guide is None else take_blocks(guide, places, size)
        if variance is None:
            shrunk, weight, *common = shrink(blocks, guides)
        else:
            shrunk, weight, *common = _shrink_uneven(shrink, blocks, guides, variance[places])
        weights = np.broadcast_to(weight[:, np.newaxis], members.shape)
        sums[0].add(places, shrunk, weights if trust is None else weights * trust[places])
        references_of = [each[:, 0] for each in places]  # a reference is its own first match
        for usual, means in zip(sums[1:], common, strict=True):
            usual.add(references_of, means, weight)
    return np.stack([each.total() for each in sums], axis=1)


def _shrink_uneven(shrink, blocks, guides, variances):
    """Shrink groups in units of the noise of each."""
    variance = np.maximum(np.maximum(variances.mean(axis=1), variances[:, 0]), _QUIETEST)
    unit = np.sqrt(variance)[:, np.newaxis, np.newaxis]
    shrunk, weight, *common = shrink(blocks / unit, None if guides is None else guides / unit)
    return shrunk * unit, weight / variance, *(means * unit[:, 0] for means in common)


def _matches(image, references, stage, variance):
    """Return positions of matches of each reference, nearest first, and how many are close."""
    compared = transform_blocks(image, stage.block, stage.compared)
    if stage.block_threshold:
        compared = np.where(np.abs(compared) >= stage.block_threshold, compared, 0)
    matches, distances = match_blocks(
        compared, *references, radius=stage.radius, n_matches=stage.n_matches
    )
    farthest = stage.farthest * stage.block**2
    if variance is not None:
        farthest = farthest * variance[np.ix_(*references)].reshape(-1, 1)
    return matches, np.count_nonzero(distances <= farthest, axis=1)


def _groups(matches, n_close):
    """Yield the members of groups of one size, the largest power of two of close matches."""
    sizes = 2 ** np.floor(np.log2(n_close)).astype(int)
    for size in np.unique(sizes):
        alike = matches[sizes == size, :size]
        yield from np.array_split(alike, -(-alike.size // _BLOCKS_AT_A_TIME))
