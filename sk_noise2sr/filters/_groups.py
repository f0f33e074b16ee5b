"""Collaborative filtering: blocks that look alike are filtered together, and put back."""

from dataclasses import dataclass, replace
from itertools import product

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from scipy.fft import dct
from scipy.signal.windows import kaiser
from scipy.sparse import csc_array

from .._checks import float_type
from ..grid import map_strips, root_mean_square
from ._matching import match_blocks

_KAISER_SHAPE = 2.0
_HIGH_NOISE = 0.5  # of the standard deviation of the image
_PATCH = 224  # positions along a side of what is worked on at a time, with all it can see
_BLOCKS_AT_A_TIME = 2**13  # of more, memory is fetched anew for each portion


@dataclass(frozen=True)
class Stage:
    """One of the two steps of the filter; intensities are in units of the noise.

    Parameters
    ----------
    block : int
        Side of a block, in pixels.
    step : int
        Distance between references.
    n_matches : int
        Most blocks in a group, a power of two.
    farthest : float
        Largest squared distance of a match, per pixel.
    block_threshold : float, default=0.0
        Coefficients of single blocks below it count as 0 when blocks are compared.
    threshold : float, default=0.0
        Coefficients of groups below it are noise.
    radius : int, default=19
        How far away matches are looked for, along each axis; 19 is a window of 39 x 39 blocks.
    """

    block: int
    step: int
    n_matches: int
    farthest: float
    block_threshold: float = 0.0
    threshold: float = 0.0
    radius: int = 19

    def for_shape(self, shape):
        """Return the stage for an image of this shape, which may be smaller than a block."""
        block = min(self.block, *shape)
        radius = max(1, min(self.radius, max(shape) - block))
        return replace(self, block=block, step=min(self.step, block), radius=radius)


# Published distances are in 8-bit intensities; here over the variance, of standard deviation 25
# for the normal profile and 50 for high noise.
PROFILES = {
    "normal": (Stage(8, 3, 16, 4.0, threshold=2.7), Stage(8, 3, 32, 0.64)),
    "high_noise": (Stage(12, 4, 16, 2.0, 2.0, threshold=2.8), Stage(11, 6, 32, 1.4)),
    "crystal": (
        Stage(12, 3, 16, 4.0, threshold=2.8, radius=64),
        Stage(11, 3, 32, 2.0, radius=64),
    ),
}


def _check_image(image):
    image = np.asarray(image)
    if image.ndim != 2 or image.size == 0 or image.dtype.kind not in "buif":
        raise ValueError(
            f"Expected an image (height, width) of real numbers, got an array of shape "
            f"{image.shape} and type {image.dtype}. Give one grey image at a time."
        )
    if not np.isfinite(image).all():
        raise ValueError(
            "Expected an image of finite numbers, got NaN or infinity. Fill these pixels first, "
            "for instance with the median of their neighbours."
        )
    return image


def denoise(image, sigma, guide, profile, profiles, filter_image):
    """Check and scale what a filter gets, call it, and undo the scaling.

    Parameters
    ----------
    image, sigma, guide, profile
        See :func:`~sk_noise2sr.filters.bm3d`.
    profiles : dict
        What each profile stands for.
    filter_image : callable
        Maps an image, a guide or None, both in units of the noise, and what the profile stands
        for to the denoised image.

    Returns
    -------
    ndarray of shape (height, width)
        The denoised image.

    Raises
    ------
    ValueError
        If the image or the guide is not of the right shape or type.
    """
    image = _check_image(image)
    if guide is not None:
        guide = _check_image(guide)
        if guide.shape != image.shape:
            raise ValueError(
                f"Expected a guide of the shape of the image, {image.shape}, got {guide.shape}."
            )
    dtype = float_type(image.dtype)
    image = image.astype(dtype, copy=False)
    if sigma <= np.finfo(np.float32).eps * (float(image.max()) - float(image.min())):
        return image.copy()
    if profile == "auto":
        deviation = root_mean_square(image, image.mean(dtype=np.float64))
        profile = "high_noise" if sigma > _HIGH_NOISE * deviation else "normal"
    offset = float(np.median(image))
    noisy = _in_units_of_noise(image, offset, sigma)
    if guide is not None:
        guide = _in_units_of_noise(guide, offset, sigma)
    denoised = filter_image(noisy, guide, profiles[profile])
    return map_strips(lambda rows: rows * np.float64(sigma) + offset, denoised, dtype)


def _in_units_of_noise(image, offset, sigma):
    def scale(rows):
        return np.subtract(rows, offset, dtype=np.float64) / sigma

    return map_strips(scale, image, np.float32)


def filter_groups(noisy, guide, stage, shrink, n_estimates=1):
    """Filter an image once, group by group.

    Parameters
    ----------
    noisy : ndarray of float32 of shape (height, width)
        The image, in units of the noise.
    guide : ndarray of float32 of shape (height, width) or None
        An estimate of the clean image, by which blocks are compared; None compares noisy ones.
    stage : Stage
        Sizes and limits.
    shrink : callable
        Maps cosine transforms of blocks, (n, group size, coefficients), and those of the guide
        or None, to the denoised ones, in one way or in several, and the weight of each of the n
        groups. Where all blocks of a group get the same, their axis may be of length 1.
    n_estimates : int, default=1
        Ways of denoising.

    Returns
    -------
    ndarray of float32 of shape (n_estimates, height, width)
        For each way the weighted mean of all estimates of a pixel.
    """
    stage, shape = stage.for_shape(noisy.shape), noisy.shape
    noisy, guide = (_pad(image, stage) for image in (noisy, guide))
    total = np.zeros((n_estimates, *noisy.shape), np.float32)
    weights = np.zeros_like(noisy)
    inside = (slice(stage.radius, -stage.radius),) * 2
    allowed = np.zeros([side - stage.block + 1 for side in noisy.shape], dtype=bool)
    allowed[inside] = True
    for positions, pixels in _patches(allowed.shape, stage):
        guide_pixels = None if guide is None else guide[pixels]
        estimate, weight = _filter_patch(
            noisy[pixels], guide_pixels, allowed[positions], stage, shrink, n_estimates
        )
        total[:, *pixels] += estimate
        weights[pixels] += weight
    total = total[:, *inside]
    total /= weights[inside]
    return total[:, : shape[0], : shape[1]]


def _pad(image, stage):
    """Add to an image what lets the last reference end with it, and every one look around."""
    if image is None:
        return None
    missing = [(0, -(side - stage.block) % stage.step) for side in image.shape]
    return np.pad(np.pad(image, missing, mode="symmetric"), stage.radius)


def _patches(shape, stage):
    """Yield slices of positions, and of the pixels of their blocks, one reference in one patch."""
    around = 2 * stage.radius
    at_most = max(1, (_PATCH - around) // stage.step)
    for spans in product(*(_spans(side - around, stage.step, at_most) for side in shape)):
        yield tuple(
            tuple(slice(first, stop + around + more) for first, stop in spans)
            for more in (0, stage.block - 1)
        )


def _spans(n_positions, step, at_most):
    """Return starts and ends of parts of about equal length."""
    n_references = -(-n_positions // step)
    n_parts = -(-n_references // at_most)
    length = step * -(-n_references // n_parts)
    return [
        (first, min(first + length - step + 1, n_positions))
        for first in range(0, n_positions, length)
    ]


def _filter_patch(noisy, guide, allowed, stage, shrink, n_estimates):
    """Return the weighted sums of the estimates of a patch, and the sum of their weights."""
    size = stage.block
    basis = dct(np.eye(size), axis=0, norm="ortho").astype(np.float32)
    blocks = _transform_blocks(noisy, basis, size)
    guides = blocks if guide is None else _transform_blocks(guide, basis, size)
    compared = guides
    if stage.block_threshold:
        compared = np.where(np.abs(guides) >= stage.block_threshold, guides, 0)
    matches, distances = match_blocks(
        compared.reshape(*allowed.shape, -1),
        allowed,
        step=stage.step,
        radius=stage.radius,
        n_matches=stage.n_matches,
    )
    close = np.count_nonzero(distances <= stage.farthest * size**2, axis=1)
    sums = np.zeros((n_estimates, *blocks.shape), np.float32)
    weights = np.zeros(len(blocks), np.float32)
    for members in _groups(matches, close):
        *shrunk, weight = shrink(blocks[members], None if guide is None else guides[members])
        _collect(sums, weights, shrunk, weight, members)
    return _overlap_add(sums, weights.reshape(allowed.shape), basis, size)


def _transform_blocks(image, basis, size):
    """Return the transforms of the blocks at all positions, one a row."""
    for axis in (0, 1):
        image = sliding_window_view(image, size, axis=axis) @ basis.T
    return image.reshape(-1, size**2)


def _groups(matches, n_close):
    """Yield groups of one size, the largest power of two of close matches, in portions."""
    sizes = 2 ** np.floor(np.log2(n_close)).astype(int)
    for size in np.unique(sizes):
        members = matches[sizes == size, :size]
        yield from np.array_split(members, -(-members.size // _BLOCKS_AT_A_TIME))


def _collect(sums, weights, shrunk, weight, members):
    """Add the blocks of groups, times the weight of their group, to their positions."""
    positions, weight = members.ravel(), np.repeat(weight, members.shape[1])
    for total, blocks in zip(sums, shrunk, strict=True):
        blocks = blocks.reshape(-1, blocks.shape[-1])
        starts = np.linspace(0, len(positions), len(blocks) + 1, dtype=int)
        collect = csc_array((weight, positions, starts), shape=(len(total), len(blocks)))
        total += collect @ blocks
    weights += np.bincount(positions, weight, len(weights)).astype(np.float32)


def _overlap_add(sums, weights, basis, size):
    """Transform blocks back, and add them up where they overlap, under a window."""
    rows, columns = weights.shape
    window = np.outer(*[kaiser(size, _KAISER_SHAPE)] * 2).astype(np.float32)
    back = window.reshape(-1, 1) * np.kron(basis, basis).T
    shape = (rows + size - 1, columns + size - 1)
    estimate, weight = np.zeros((len(sums), *shape), np.float32), np.zeros(shape, np.float32)
    parts = [(slice(i, i + rows), slice(j, j + columns)) for i, j in np.ndindex(size, size)]
    for total, blocks in zip(estimate, sums, strict=True):
        for part, values in zip(parts, back @ blocks.T, strict=True):
            total[part] += values.reshape(rows, columns)
    for part, value in zip(parts, window.ravel(), strict=True):
        weight[part] += value * weights
    return estimate, weight
