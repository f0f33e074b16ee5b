"""Two images of half the size from one noisy image, with independent noise."""

import torch
from torch.nn import functional as F

from ._subsampler import pick

# Pixels of a cell that share an edge, in both orders; counted row by row.
_NEIGHBOURS = torch.tensor([(0, 1), (0, 2), (1, 3), (2, 3), (1, 0), (2, 0), (3, 1), (3, 2)])


class NeighborPairs:
    """In every cell of 2 x 2 pixels, a random pair of neighbours: one for each of two images.

    Parameters
    ----------
    n, height, width : int
        Number of images and the size of each, in cells.
    generator : torch.Generator
        Where the numbers come from.

    References
    ----------
    T. Huang et al., "Neighbor2Neighbor: Self-Supervised Denoising from Single Noisy Images",
    CVPR 2021, section 4.1.

    Examples
    --------
    >>> image = torch.arange(16.0).reshape(1, 1, 4, 4)
    >>> first, second = NeighborPairs(1, 2, 2, torch.Generator().manual_seed(0)).split(image)
    >>> (first - second).abs()[0, 0].unique()  # neighbours in a row, or in a column
    tensor([1., 4.])
    """

    def __init__(self, n: int, height: int, width: int, generator: torch.Generator):
        drawn = torch.randint(
            8, (n, 1, height, width), generator=generator, device=generator.device
        )
        self._first, self._second = _NEIGHBOURS.to(generator.device)[drawn].unbind(-1)

    def split(self, images: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the two images that the pairs make of an image.

        Parameters
        ----------
        images : Tensor of shape (n, 1, 2 * height, 2 * width)
            Images, or maps of pixels.

        Returns
        -------
        first, second : Tensor of shape (n, 1, height, width)
            The first and the second pixel of every pair.
        """
        return pick(images, self._first, 2), pick(images, self._second, 2)


def diagonal_means(images: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the means over the two diagonals of every cell of 2 x 2 pixels.

    Parameters
    ----------
    images : Tensor of shape (n, 1, height, width)
        Images with even sides.

    Returns
    -------
    first, second : Tensor of shape (n, 1, height / 2, width / 2)
        Means over the anti-diagonal and the diagonal: two images of half the variance of the
        noise, whose signals differ in second order only.

    References
    ----------
    Y. Mansour and R. Heckel, "Zero-Shot Noise2Noise: Efficient Image Denoising without any
    Data", CVPR 2023, equation 3.

    Examples
    --------
    >>> first, second = diagonal_means(torch.tensor([[[[1.0, 2.0], [4.0, 9.0]]]]))
    >>> first.item(), second.item()
    (3.0, 5.0)
    """
    cells = F.pixel_unshuffle(images, 2)
    return (cells[:, 1:2] + cells[:, 2:3]) / 2, (cells[:, 0:1] + cells[:, 3:4]) / 2
