"""How a network makes an image: predictions one by one, of frames of any size.

Draws are the outer loop and tiles the inner one, so that draws can be counted one by one and
memory grows with neither.
"""

import itertools
import warnings
from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import nn

from .._sides import crop_to_multiple, pad_to_multiple
from ..samplers import held_out_pixels, hide
from ._draws import Draws
from ._judge import HeldOut, held_out_errors
from ._memory import bytes_per_pixel, is_out_of_memory, read_bytes
from ._receptive_field import receptive_radius
from ._tiles import Tile, make_tiles

_TILE_PIXELS = 2**20
_FARTHEST = 1024
_PROBED_PERIODS = 4  # side of the image that tells how much memory a network takes
_PROBED = 0.02  # share of pixels that judge a fit where none is held out of the training


class Predictor:
    """A trained network, the seed of its draws, and what was measured about it.

    Parameters
    ----------
    network : torch.nn.Module
        The network.
    seed : int
        Seed of the draws and of the held-out pixels.

    Attributes
    ----------
    halo : int or None
        Receptive radius of a prediction, in pixels; None before it is measured.
    tile_pixels : int or None
        Pixels that a tile may have, once memory has run out.
    """

    def __init__(self, network: nn.Module, seed: int):
        self.network = network
        self.seed = seed
        self.halo = self.tile_pixels = None

    def passes(
        self, scheme: Any, noisy: torch.Tensor, max_memory: int | str | None = None
    ) -> Iterator[tuple[torch.Tensor, torch.Tensor | None]]:
        """Yield the predictions for a frame of any size; out of memory, in smaller tiles.

        Parameters
        ----------
        scheme : Scheme
            The method.
        noisy : Tensor of shape (1, 1 + n_neighbours, height, width)
            The frame and its neighbours, if any. Where sides are no multiples of
            ``scheme.multiple`` the border is repeated.
        max_memory : str, int or None, default=None
            What the network may take.

        Yields
        ------
        prediction, unseen : Tensor of shape (1, 1, height, width)
            See :meth:`Scheme.predict`. Each pair may take the place of the one before it.
        """
        # The draws do not depend on the tiles, so that those already made stay.
        self.network.to(noisy.device)
        height, width = noisy.shape[-2:]
        padded = pad_to_multiple(noisy, scheme.multiple)
        n_done = 0
        while True:
            tiles = self.tiles(scheme, *padded.shape[-2:], max_memory)
            try:
                for frame in itertools.islice(self._tiled(scheme, padded, tiles), n_done, None):
                    yield tuple(part[..., :height, :width] for part in frame)
                    n_done += 1
            except (MemoryError, RuntimeError) as error:
                if not is_out_of_memory(error):
                    raise
                reason = error.with_traceback(None)  # it would hold what the tiles took
            else:
                return
            if self._measured_halo(scheme) >= _FARTHEST:
                raise reason
            self.tile_pixels = max(tile.n_pixels for tile in tiles) // 2
            _warn_of_smaller_tiles(self.tile_pixels)

    def errors(
        self,
        scheme: Any,
        noisy: torch.Tensor,
        valid: torch.Tensor,
        held_out: float,
        limit: int | None = None,
        max_memory: int | str | None = None,
    ) -> HeldOut:
        """Return the errors at the held-out pixels of one image.

        No prediction that counts has seen its pixel. Where a scheme does not tell what a
        prediction could see, the held-out pixels are hidden under the mean of their neighbours.

        Parameters
        ----------
        scheme : Scheme
            The method.
        noisy : Tensor of shape (1, 1 + n_neighbours, height, width)
            The image and its neighbours, if any.
        valid : Tensor of bool of shape (1, 1, height, width)
            The pixels to look at.
        held_out : float
            Share of pixels that were held out of the training.
        limit : int or None, default=None
            Largest number of predictions.
        max_memory : str, int or None, default=None
            What the network may take.

        Returns
        -------
        HeldOut
            Squared errors, and those of what needs no training.
        """
        noisy = crop_to_multiple(noisy, scheme.multiple)
        chosen = held_out_pixels(self.seed, *noisy.shape[-2:], held_out or _PROBED)
        chosen = chosen.to(noisy.device) & crop_to_multiple(valid, scheme.multiple)[0, 0]
        if scheme.tells_hidden:
            frames = self.passes(scheme, noisy, max_memory)
        else:
            hidden = torch.cat([hide(noisy[:, :1], chosen[None, None]), noisy[:, 1:]], dim=1)
            passes = self.passes(scheme, hidden, max_memory)
            frames = ((prediction, chosen[None, None]) for prediction, _ in passes)
        return held_out_errors(itertools.islice(frames, limit), noisy[:, :1], chosen)

    def score(
        self,
        scheme: Any,
        images: Iterable[torch.Tensor],
        valid: list[torch.Tensor],
        held_out: float,
        max_memory: int | str | None = None,
    ) -> float:
        """Return the score on held-out pixels: a coefficient of determination in dB.

        Parameters
        ----------
        scheme : Scheme
            The method.
        images : iterable of Tensor of shape (1, 1 + n_neighbours, height, width)
            The images and their neighbours, if any.
        valid : list of Tensor of bool
            The pixels of each to look at.
        held_out, max_memory
            As in :meth:`errors`.

        Returns
        -------
        float
            -10 log10(1 - R**2).

        Raises
        ------
        ValueError
            If no pixel is held out.
        """
        errors, variances = [], []
        for image, looked_at in zip(images, valid, strict=True):
            errors.append(self.errors(scheme, image, looked_at, held_out, None, max_memory).errors)
            variances.append(float(image[:, :1].var()))
        errors = np.concatenate(errors)
        if not errors.size:
            raise ValueError("No pixel of an image this small is held out; raise held_out.")
        with np.errstate(divide="ignore", invalid="ignore"):  # of a constant image
            return float(10 * np.log10(np.mean(variances) / errors.mean()))

    @torch.inference_mode()
    def _tiled(self, scheme, noisy, tiles):
        streams = [self._stream(scheme, noisy, tile) for tile in tiles]
        if len(tiles) == 1:
            yield from streams[0]
            return
        whole = [torch.empty_like(noisy[:, :1], dtype=dtype) for dtype in (noisy.dtype, torch.bool)]
        for _ in range(scheme.n_passes):
            _assemble(streams, tiles, *whole)
            yield whole

    def _stream(self, scheme, noisy, tile):
        draws = Draws(self.seed, row=tile.read[0].start, column=tile.read[1].start)
        part = noisy[..., *tile.read]
        for number in range(scheme.n_passes):
            yield scheme.predict(self.network, part, draws, number)

    def tiles(
        self, scheme: Any, height: int, width: int, max_memory: int | str | None = None
    ) -> list[Tile]:
        """Return the tiles of a frame; one, if it is small or the network looks at everything.

        Parameters
        ----------
        scheme : Scheme
            The method.
        height, width : int
            Size of the frame.
        max_memory : str, int or None, default=None
            What the network may take.

        Returns
        -------
        list of Tile
            The tiles.
        """
        max_pixels = self._max_pixels(scheme, max_memory)
        if height * width <= max_pixels:
            return make_tiles(height, width, max_pixels=max_pixels, halo=0, align=1)
        halo = self._measured_halo(scheme)
        if halo >= _FARTHEST:
            max_pixels = height * width
        elif max_memory is None and self.tile_pixels is None:
            max_pixels = max(max_pixels, 9 * halo**2)
        align = scheme.alignment(self.network)
        return make_tiles(height, width, max_pixels=max_pixels, halo=halo, align=align)

    def _max_pixels(self, scheme, max_memory):
        """Return the limit of pixels for the network; lower once memory has run out."""
        limit = _TILE_PIXELS
        if max_memory is not None:
            limit = read_bytes(max_memory) // bytes_per_pixel(
                partial(scheme.apply, self.network),
                self.network,
                _PROBED_PERIODS * scheme.alignment(self.network),
                self._device(),
            )
        return int(limit if self.tile_pixels is None else min(limit, self.tile_pixels))

    def _measured_halo(self, scheme):
        if self.halo is None:
            self.halo = scheme.beyond + receptive_radius(
                partial(scheme.apply, self.network),
                scheme.alignment(self.network),
                _FARTHEST,
                device=self._device(),
            )
        return self.halo

    def _device(self):
        return next(self.network.parameters()).device


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
