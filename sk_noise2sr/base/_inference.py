"""How a network denoiser makes an image: the mean over draws, of frames of any size.

Draws are the outer loop and tiles the inner one, so that draws can be counted one by one and
memory grows with neither.
"""

import itertools
import math
import warnings

import numpy as np
import torch

from .._checks import as_stack, map_images
from .._progress import progress_bar
from .._sides import crop_to_multiple, pad_to_multiple
from ..inference import (
    Draws,
    Moments,
    bytes_per_pixel,
    is_out_of_memory,
    make_tiles,
    read_bytes,
    receptive_radius,
)
from ..samplers import hide
from ._guard import held_out_errors

_TILE_PIXELS = 2**20
_FARTHEST = 1024
_PROBED_PERIODS = 4  # side of the image that tells how much memory a network takes
_PROBED = 0.02  # share of pixels that judge a fit where none is held out of the training


class InferenceMixin:
    """The part of :class:`BaseNetworkDenoiser` that transforms and scores."""

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

    def _denoise(self, image, return_std=False, bar=None):
        if image.min() == image.max():
            return (image, np.zeros_like(image, dtype=float)) if return_std else image
        if self.network_ is None:
            self._refuse_constant_fit()
        self._check_binned_sides(image)
        mean, std = self._average(image, return_std, bar)
        dtype = np.result_type(image.dtype, np.float32)  # of a large float32 frame, half the memory
        denoised = self._restore(mean, image.shape, dtype)
        del mean  # of a large frame, refine needs the room
        if self.refine:
            denoised = self._refine(denoised, image)
        return (denoised, std) if return_std else denoised

    def _average(self, image, return_std, bar):
        """Return the mean of the draws, on the grid, and their spread, in the image's units."""
        mean, spread = Moments(spread=False), Moments()
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
        return mean.mean, spread.std() if return_std else None

    def _validate_params(self):
        """Check the parameters, and what no type tells: whether a limit of memory is one."""
        super()._validate_params()
        if self.max_memory is not None:
            read_bytes(self.max_memory)

    def _frames(self, noisy):
        """Yield the pairs of ``_outputs`` for a frame of any size; out of memory, in smaller tiles.

        The draws do not depend on the tiles, so that those already made stay. Each pair may take
        the place of the one before it.
        """
        network = self.network_.to(noisy.device)
        n_done = 0
        while True:
            tiles = self._tiles(network, *noisy.shape[-2:])
            try:
                for frame in itertools.islice(self._tiled(network, noisy, tiles), n_done, None):
                    yield frame
                    n_done += 1
            except (MemoryError, RuntimeError) as error:
                if not is_out_of_memory(error):
                    raise
                reason = error.with_traceback(None)  # it would hold what the tiles took
            else:
                return
            if self._looks_at_everything(network):
                raise reason
            network.tile_pixels = max(tile.n_pixels for tile in tiles) // 2
            _warn_of_smaller_tiles(network.tile_pixels)

    @torch.inference_mode()
    def _tiled(self, network, noisy, tiles):
        streams = [
            self._outputs(
                network,
                noisy[..., *tile.read],
                Draws(self.seed_, row=tile.read[0].start, column=tile.read[1].start),
            )
            for tile in tiles
        ]
        if len(tiles) == 1:
            yield from streams[0]
            return
        whole = torch.empty_like(noisy), torch.empty_like(noisy, dtype=torch.bool)
        for _ in range(self._n_outputs()):
            _assemble(streams, tiles, *whole)
            yield whole

    def _tiles(self, network, height, width):
        max_pixels = self._tile_pixels(network)
        if height * width <= max_pixels:
            return make_tiles(height, width, max_pixels=max_pixels, halo=0, align=1)
        if self._looks_at_everything(network):
            max_pixels = height * width
        elif self.max_memory is None and not hasattr(network, "tile_pixels"):
            max_pixels = max(max_pixels, 9 * network.halo**2)
        align = self._alignment(network)
        return make_tiles(height, width, max_pixels=max_pixels, halo=network.halo, align=align)

    def _tile_pixels(self, network):
        """Return how many pixels the network may see at once; fewer once memory has run out."""
        limit = _TILE_PIXELS
        if self.max_memory is not None:
            device = next(network.parameters()).device
            limit = read_bytes(self.max_memory) // bytes_per_pixel(
                lambda images: self._predict(network, images),
                network,
                _PROBED_PERIODS * self._alignment(network),
                device,
            )
        return int(min(limit, getattr(network, "tile_pixels", limit)))

    def _looks_at_everything(self, network):
        """Tell whether a frame has to be one tile; sets ``network.halo``, how far it looks."""
        if not hasattr(network, "halo"):
            network.halo = self._sight(network)
        return network.halo >= _FARTHEST

    def _alignment(self, network):
        """Return the multiple of pixels on which tiles have to start, for poolings to agree."""
        return math.lcm(self._side_multiple(), getattr(network, "side_multiple", 1))

    def _sight(self, network):
        """Return how far a prediction looks, in pixels of the grid."""
        return receptive_radius(
            lambda images: self._predict(network, images),
            self._alignment(network),
            _FARTHEST,
            device=next(network.parameters()).device,
        )

    def _errors(self, noisy, limit=None):
        """Return the errors at the held-out pixels of one image, and those of a local mean.

        No prediction that counts has seen its pixel. Where a method does not tell what a
        prediction could see, the held-out pixels are hidden under the mean of their neighbours.
        """
        noisy = crop_to_multiple(noisy, self._side_multiple())
        held_out = self._held_out_map(noisy, self.held_out or _PROBED)
        if self._tells_hidden:
            frames = self._frames(noisy)
        else:
            hidden = hide(noisy, held_out)
            frames = ((prediction, held_out) for prediction, _ in self._frames(hidden))
        return held_out_errors(itertools.islice(frames, limit), noisy, held_out[0, 0])

    def _held_out_score(self, X):
        stack = as_stack(self._check_transform(X))
        if not self.held_out:
            raise ValueError(
                "held_out=0 leaves no pixel to score on; give a reference, score(X, y), or fit "
                "with held_out above 0."
            )
        if self.network_ is None:
            return math.inf if stack.min() == stack.max() else self._refuse_constant_fit()
        self._check_binned_sides(stack)
        with self._resources(stack[0].size / self.binning_**2) as device:
            prepared = [self._prepare(image[np.newaxis], device) for image in stack]
            errors = np.concatenate([self._errors(image)[0] for image in prepared])
            variance = np.mean([float(image.var()) for image in prepared])
        if not errors.size:
            raise ValueError("No pixel of an image this small is held out; raise held_out.")
        return 10 * math.log10(variance / errors.mean())

    def _refuse_constant_fit(self):
        raise ValueError(
            f"This {type(self).__name__} was fitted on a constant image, from which nothing can "
            "be learned; fit it on an image like the one to denoise."
        )


def _assemble(streams, tiles, prediction, hidden):
    """Put the kept parts of the next draw of all tiles together to one of a whole frame."""
    for stream, tile in zip(streams, tiles, strict=True):
        part, part_hidden = next(stream)
        prediction[..., *tile.write] = part[..., *tile.inner]
        hidden[..., *tile.write] = part_hidden[..., *tile.inner]


def _warn_of_smaller_tiles(n_pixels):
    warnings.warn(
        f"Memory ran out; going on in tiles of {n_pixels} pixels. Set max_memory to begin with "
        "tiles that fit.",
        RuntimeWarning,
        stacklevel=2,
    )
