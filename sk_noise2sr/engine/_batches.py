"""Random crops of a stack of images, turned at random."""

import math
from dataclasses import dataclass

import torch

from .._generators import make_generator
from .._symmetries import turn
from ..movies import Neighbours, surround

_LARGEST_ANGLE = math.radians(20)
_LARGEST_BATCH = 2**24  # pixels: the features of a network take thousands of times the bytes
_BEYOND = 4  # crops may reach so many times less than their side beyond the image


@dataclass(frozen=True)
class Batch:
    """What one training step sees.

    Parameters
    ----------
    noisy : Tensor of shape (n, 1 + n_neighbours, height, width)
        Crops of noisy images; of a movie, of a frame and then of its neighbours in time.
    targets : Tensor of bool of shape (n, 1, height, width)
        False at held-out and invalid pixels, which never serve as targets.
    generator : torch.Generator
        Where the step takes its random numbers from.
    progress : float
        Share of the training that is behind, in [0, 1).
    reference : Tensor of the shape of `noisy`, default=None
        The same crops of what the user gave as ``y``.
    """

    noisy: torch.Tensor
    targets: torch.Tensor
    generator: torch.Generator
    progress: float
    reference: torch.Tensor | None = None


class CropSampler:
    """Make batches of random crops.

    Parameters
    ----------
    noisy : Tensor of shape (n, 1, height, width)
        The images.
    targets : Tensor of bool of the shape of `noisy`, or of one image
        False at pixels that never serve as targets.
    reference : Tensor of shape (n, 1, height, width), default=None
        Images that are cropped and turned together with `noisy`.
    neighbours : Neighbours, default=None
        For a movie: the frames that each frame is seen with.
    crop_size : int
        Side of a crop; images that are smaller are taken whole.
    side_multiple : int
        What the sides of a crop have to be a multiple of. Crops are cut to it, never padded:
        padding would repeat pixels, and a target could be seen in the input.
    batch_size : int
        Crops in a batch.
    symmetries : {"dihedral", "flips", "leaky_rotation", "none"}
        How crops are turned; flips do not transpose.
    seed : int
        Seed of the crops and of the generator that batches carry.
    """

    def __init__(
        self,
        noisy: torch.Tensor,
        targets: torch.Tensor,
        reference: torch.Tensor | None = None,
        neighbours: Neighbours | None = None,
        *,
        crop_size: int,
        side_multiple: int,
        batch_size: int,
        symmetries: str,
        seed: int,
    ):
        self.noisy = noisy
        self.targets = targets.expand_as(noisy)
        self.reference = reference
        self.neighbours = neighbours
        self.sides = [
            min(crop_size, side) // side_multiple * side_multiple for side in noisy.shape[-2:]
        ]
        if batch_size * math.prod(self.sides) > _LARGEST_BATCH:
            raise ValueError(
                f"batch_size={batch_size} crops of {self.sides[0]} x {self.sides[1]} fit into no "
                "memory; 64 of them are a large batch."
            )
        self.batch_size = batch_size
        self.symmetries = symmetries
        # Crops are counted on the CPU, so that a GPU need not wait for their corners.
        self._corners = make_generator(seed)
        self._generator = make_generator(seed, noisy.device)

    def batch(self, progress: float) -> Batch:
        """Draw one batch.

        Parameters
        ----------
        progress : float
            Share of the training that is behind, in [0, 1).

        Returns
        -------
        Batch
            Fresh crops.
        """
        crop = self._rotated_crop if self.symmetries == "leaky_rotation" else self._crop
        # Transposed together: crops of an oblong image keep one shape within a batch.
        transposed = 4 * self._integer(2) if self.symmetries == "dihedral" else 0
        crops = []
        for _ in range(self.batch_size):
            flips = self._integer(4) if self.symmetries != "none" else 0
            crops.append([turn(part, flips | transposed) for part in crop()])
        targets, noisy, *reference = (torch.stack(parts) for parts in zip(*crops, strict=True))
        return Batch(noisy, targets, self._generator, progress, *reference)

    def _crop(self):
        """Return a window of the map of targets, of an image and of its reference, as views."""
        top, left = self._corner()
        window = (slice(top, top + self.sides[0]), slice(left, left + self.sides[1]))
        return self._images(window)

    def _rotated_crop(self):
        """Return a window of the image rotated about its centre, as published.

        Nearest neighbours repeat pixels, so that the value of a target can stand in the input
        too (the leak), and zeros fill the corners.
        """
        top, left = self._corner()
        angle = (2 * self._uniform() - 1) * _LARGEST_ANGLE
        height, width = self.noisy.shape[-2:]
        rows = torch.arange(top, top + self.sides[0], device=self.noisy.device)
        columns = torch.arange(left, left + self.sides[1], device=self.noisy.device)
        down, right = rows[:, None] - (height - 1) / 2, columns - (width - 1) / 2
        source_rows = math.cos(angle) * down + math.sin(angle) * right + (height - 1) / 2
        source_columns = math.cos(angle) * right - math.sin(angle) * down + (width - 1) / 2
        source_rows, source_columns = source_rows.round().long(), source_columns.round().long()
        inside = (source_rows >= 0) & (source_rows < height)
        inside &= (source_columns >= 0) & (source_columns < width)
        source = (source_rows.clamp(0, height - 1), source_columns.clamp(0, width - 1))
        targets, *images = (image[:, *source] for image in self._images())
        return [targets | ~inside, *(image * inside for image in images)]

    def _images(self, window=(slice(None), slice(None))):
        """Return windows of the targets of a random image, it and its neighbours, its reference."""
        chosen = self._integer(len(self.noisy))
        images = [
            self.targets[chosen][:, *window],
            surround(self.noisy, chosen, self.neighbours, window),
        ]
        if self.reference is not None:
            images.append(surround(self.reference, chosen, self.neighbours, window))
        return images

    def _corner(self):
        """Draw a corner; crops that would reach a little beyond the image are moved inside.

        Otherwise the outermost pixels would be in hardly any crop, and not be learned.
        """
        return [
            self._clipped(crop // _BEYOND, side - crop)
            for side, crop in zip(self.noisy.shape[-2:], self.sides, strict=True)
        ]

    def _clipped(self, beyond, last):
        return min(max(self._integer(last + 2 * beyond + 1) - beyond, 0), last)

    def _integer(self, high):
        return int(torch.randint(high, (), generator=self._corners))

    def _uniform(self):
        return float(torch.rand((), generator=self._corners))
