"""How a network makes an image: predictions one by one, of frames of any size.

Draws are the outer loop and tiles the inner one, so that draws can be counted one by one and
memory grows with neither.
"""

import itertools
import math
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import nn

from .._sides import crop_to_multiple, pad_to_multiple
from ..samplers import held_out_pixels, hide
from ._draws import Draws
from ._in_order import in_order
from ._judge import HeldOut, held_out_errors
from ._memory import bytes_per_pixel, is_out_of_memory, read_bytes
from ._receptive_field import NARROWEST, receptive_radius
from ._tiles import Tile, make_tiles

_TILE_PIXELS = 2**20
_PIXELS_AT_A_TIME = 2**21  # in all threads together
_SMALL = 2**16  # pixels of several predictions that take less time in one pass
_FARTHEST = 1024
_PROBED_PERIODS = 4  # side of the image that tells how much memory a network takes
_PROBED = 0.02  # share of pixels that judge a fit where none is held out of the training


@dataclass
class Measured:
    """What is found out about a network in the course of its use.

    Parameters
    ----------
    halo : int or None, default=None
        Receptive radius of a prediction, in pixels; None before it is measured.
    tile_pixels : int or None, default=None
        Pixels that a tile may have, once memory has run out.
    """

    halo: int | None = None
    tile_pixels: int | None = None


@dataclass(frozen=True, eq=False)
class Predictor:
    """A trained network and how it makes images.

    Parameters
    ----------
    network : torch.nn.Module
        The network.
    scheme : Scheme
        The method.
    seed : int
        Seed of the draws and of the held-out pixels.
    max_memory : str, int or None, default=None
        What the network may take.
    measured : Measured, default=Measured(halo=None, tile_pixels=None)
        What was found out about the network, and goes on being so.
    """

    network: nn.Module
    scheme: Any
    seed: int
    max_memory: int | str | None = None
    measured: Measured = field(default_factory=Measured)

    def passes(self, noisy: torch.Tensor) -> Iterator[tuple[torch.Tensor, torch.Tensor | None]]:
        """Yield the predictions for a frame of any size; out of memory, in smaller tiles.

        Parameters
        ----------
        noisy : Tensor of shape (1, 1 + n_neighbours, height, width)
            The frame and its neighbours, if any. Where sides are no multiples of
            ``scheme.multiple`` the border is repeated.

        Yields
        ------
        prediction, unseen : Tensor of shape (1, 1, height, width)
            See :meth:`Scheme.predict`. Each pair may take the place of the one before it.
        """
        # The draws do not depend on the tiles, so that those already made stay.
        self.network.to(noisy.device)
        height, width = noisy.shape[-2:]
        padded = pad_to_multiple(noisy, self.scheme.multiple)
        n_done = 0
        while True:
            tiles = self.tiles(*padded.shape[-2:])
            try:
                for frame in itertools.islice(self._tiled(padded, tiles), n_done, None):
                    yield tuple(part[..., :height, :width] for part in frame)
                    n_done += 1
            except (MemoryError, RuntimeError) as error:
                if not is_out_of_memory(error):
                    raise
                reason = error.with_traceback(None)  # it would hold what the tiles took
            else:
                return
            if self._halo() >= _FARTHEST:
                raise reason
            self.measured.tile_pixels = max(tile.n_pixels for tile in tiles) // 2
            _warn_of_smaller_tiles(self.measured.tile_pixels)

    def errors(
        self,
        noisy: torch.Tensor,
        valid: torch.Tensor,
        held_out: float,
        limit: int | None = None,
    ) -> HeldOut:
        """Return the errors at the held-out pixels of one image.

        No prediction that counts has seen its pixel. Where a scheme does not tell what a
        prediction could see, the held-out pixels are hidden under the mean of their neighbours.

        Parameters
        ----------
        noisy : Tensor of shape (1, 1 + n_neighbours, height, width)
            The image and its neighbours, if any.
        valid : Tensor of bool of shape (1, 1, height, width)
            The pixels to look at.
        held_out : float
            Share of pixels that were held out of the training.
        limit : int or None, default=None
            Largest number of predictions.

        Returns
        -------
        HeldOut
            Squared errors, and those of what needs no training.
        """
        noisy = crop_to_multiple(noisy, self.scheme.multiple)
        chosen = held_out_pixels(self.seed, *noisy.shape[-2:], held_out or _PROBED)
        chosen = chosen.to(noisy.device) & crop_to_multiple(valid, self.scheme.multiple)[0, 0]
        if self.scheme.tells_hidden:
            frames = self.passes(noisy)
        else:
            hidden = torch.cat([hide(noisy[:, :1], chosen[None, None]), noisy[:, 1:]], dim=1)
            frames = ((prediction, chosen[None, None]) for prediction, _ in self.passes(hidden))
        return held_out_errors(itertools.islice(frames, limit), noisy[:, :1], chosen)

    def score(
        self, images: Iterable[torch.Tensor], valid: list[torch.Tensor], held_out: float
    ) -> float:
        """Return the score on held-out pixels: a coefficient of determination in dB.

        Parameters
        ----------
        images : iterable of Tensor of shape (1, 1 + n_neighbours, height, width)
            The images and their neighbours, if any.
        valid : list of Tensor of bool
            The pixels of each to look at.
        held_out : float
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
            errors.append(self.errors(image, looked_at, held_out).errors)
            variances.append(float(image[:, :1].var()))
        errors = np.concatenate(errors)
        if not errors.size:
            raise ValueError("No pixel of an image this small is held out; raise held_out.")
        with np.errstate(divide="ignore", invalid="ignore"):  # of a constant image
            return float(10 * np.log10(np.mean(variances) / errors.mean()))

    def _tiled(self, noisy, tiles):
        tasks = itertools.product(self._numbers(tiles), tiles)
        made = in_order(partial(self._predict, noisy), tasks, self._n_threads(tiles))
        made = itertools.chain.from_iterable(made)
        if len(tiles) == 1:
            yield from made
            return
        whole = [torch.empty_like(noisy[:, :1], dtype=dtype) for dtype in (noisy.dtype, torch.bool)]
        for _ in range(self.scheme.n_passes):
            _assemble(made, tiles, *whole)
            yield whole

    @torch.inference_mode()
    def _predict(self, noisy, task):
        numbers, tile = task
        draws = Draws(self.seed, row=tile.read[0].start, column=tile.read[1].start)
        return self.scheme.predict_alike(self.network, noisy[..., *tile.read], draws, numbers)

    def _numbers(self, tiles):
        """Return the numbers of the predictions, in ranges of those made in one pass."""
        step, n_passes = self.scheme.n_alike, self.scheme.n_passes
        small = len(tiles) == 1 and step * tiles[0].n_pixels <= _SMALL
        if not small or self.max_memory is not None or not sees_images_alone(self.network):
            step = 1
        return [range(n_passes)[start : start + step] for start in range(0, n_passes, step)]

    def _n_threads(self, tiles):
        """Return how many predictions are made at a time; each takes as much memory as one."""
        if self.max_memory is not None or not sees_images_alone(self.network):
            return 1
        n_pixels = max(tile.n_pixels for tile in tiles)
        return max(1, min(torch.get_num_threads(), _PIXELS_AT_A_TIME // n_pixels))

    def tiles(self, height: int, width: int) -> list[Tile]:
        """Return the tiles of a frame; one, if it is small or the network looks at everything.

        Parameters
        ----------
        height, width : int
            Size of the frame.

        Returns
        -------
        list of Tile
            The tiles.
        """
        max_pixels = self._max_pixels()
        if height * width <= max_pixels:
            return make_tiles(height, width, max_pixels=max_pixels, halo=0, align=1)
        halo = self._halo()
        if halo >= _FARTHEST:
            max_pixels = height * width
        elif self.max_memory is None and self.measured.tile_pixels is None:
            max_pixels = max(max_pixels, 9 * halo**2)
        return make_tiles(height, width, max_pixels=max_pixels, halo=halo, align=self._align())

    def _max_pixels(self):
        """Return the limit of pixels for the network; lower once memory has run out."""
        limit, lowered = _TILE_PIXELS, self.measured.tile_pixels
        if self.max_memory is not None:
            align = self._align()
            side = align * max(_PROBED_PERIODS, math.ceil(NARROWEST / align))
            each = bytes_per_pixel(self._apply, self.network, side, self._device())
            limit = read_bytes(self.max_memory) // each
        return int(limit if lowered is None else min(limit, lowered))

    def _halo(self):
        """Return the receptive radius, measured when it is first asked for."""
        if self.measured.halo is None:
            radius = receptive_radius(self._apply, self._align(), _FARTHEST, self._device())
            self.measured.halo = self.scheme.beyond + radius
        return self.measured.halo

    def _apply(self, images):
        return self.scheme.apply(self.network, images)

    def _align(self):
        return self.scheme.alignment(self.network)

    def _device(self):
        return next(self.network.parameters()).device


def _assemble(made, tiles, prediction, hidden):
    """Put the kept parts of the next draw of all tiles together to one of a whole frame."""
    # The tiles come first: at their end, nothing of the next draw is taken.
    for tile, (part, part_hidden) in zip(tiles, made, strict=False):
        prediction[..., *tile.write] = part[..., *tile.inner]
        hidden[..., *tile.write] = part_hidden[..., *tile.inner]


def _warn_of_smaller_tiles(n_pixels):
    warnings.warn(
        f"Memory ran out; going on in tiles of {n_pixels} pixels. Set max_memory to begin with "
        "tiles that fit.",
        RuntimeWarning,
        stacklevel=2,
    )


def sees_images_alone(network: nn.Module) -> bool:
    """Return whether threads may share out predictions: on the CPU, if the network says so.

    Parameters
    ----------
    network : torch.nn.Module
        Its encoder says it by an attribute ``sees_images_alone``.

    Returns
    -------
    bool
        True if what it makes of an image depends on no other image, and on no chance.
    """
    alone = getattr(getattr(network, "encoder", None), "sees_images_alone", False)
    return bool(alone) and next(network.parameters()).device.type in ("cpu", "meta")
