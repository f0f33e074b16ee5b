"""Keep one pixel of every cell of ``stride`` x ``stride`` pixels; leave the others out."""

from functools import lru_cache, partial

import torch

from .._generators import hash_grid


def split(
    images: torch.Tensor, choice: torch.Tensor, stride: int
) -> tuple[torch.Tensor, torch.Tensor]:
    """Split images into the kept pixels and a map of those left out.

    Parameters
    ----------
    images : Tensor of shape (n, 1, height, width)
        Images with sides that are multiples of `stride`.
    choice : Tensor of int64 of shape (n, 1, height / stride, width / stride)
        Which pixel of each cell is kept, counted row by row from 0.
    stride : int
        Side of a cell, in pixels.

    Returns
    -------
    kept : Tensor of shape (n, 1, height / stride, width / stride)
        The sub-sampled images.
    left_out : Tensor of bool of shape (n, 1, height, width)
        False at the kept pixel of each cell, True elsewhere.

    Raises
    ------
    ValueError
        If the images have other sides.

    Examples
    --------
    >>> image = torch.arange(16.0).reshape(1, 1, 4, 4)
    >>> kept, left_out = split(image, torch.tensor([[[[0, 1], [2, 3]]]]), stride=2)
    >>> kept[0, 0]
    tensor([[ 0.,  3.],
            [12., 15.]])
    """
    places = _places(images, choice, stride)
    left_out = torch.ones(images.shape, dtype=torch.bool, device=images.device)
    left_out.view(len(images), -1).scatter_(1, places, False)
    return _at(images, places, choice.shape), left_out


def pick(images: torch.Tensor, choice: torch.Tensor, stride: int) -> torch.Tensor:
    """Pick one pixel of every cell.

    Parameters
    ----------
    images : Tensor of shape (n, 1, height, width)
        Images with sides that are multiples of `stride`.
    choice : Tensor of int64 of shape (n, 1, height / stride, width / stride)
        Which pixel of each cell is picked, counted row by row from 0.
    stride : int
        Side of a cell, in pixels.

    Returns
    -------
    Tensor of shape (n, 1, height / stride, width / stride)
        The picked pixels.

    Raises
    ------
    ValueError
        If the images have other sides.
    """
    return _at(images, _places(images, choice, stride), choice.shape)


def _places(images, choice, stride):
    """Return where in an image, counted row by row, the picked pixel of each cell lies."""
    _, _, height, width = choice.shape
    row = stride * width
    if images.shape[-2:] != (stride * height, row):
        raise ValueError(
            f"Expected images of {stride * height} x {row} pixels for {height} x {width} cells of "
            f"side {stride}, got {images.shape[-2]} x {images.shape[-1]}."
        )
    count = partial(torch.arange, device=choice.device)
    corners = count(0, stride * row * height, stride * row)[:, None] + count(0, row, stride)
    within = count(0, stride * row, row)[:, None] + count(stride)
    return (corners + within.take(choice)).flatten(1)


def _at(images, places, shape):
    return images.flatten(1).gather(1, places).view(shape)


def thin(images: torch.Tensor, choice: torch.Tensor, stride: int) -> torch.Tensor:
    """Keep one pixel of every cell in its place, and put 0 in the places of all others.

    Parameters
    ----------
    images : Tensor of shape (n, channels, height, width)
        Images with sides that are multiples of `stride`.
    choice : Tensor of int64 of shape (n, channels, height / stride, width / stride)
        Which pixel of each cell is kept, counted row by row from 0.
    stride : int
        Side of a cell, in pixels.

    Returns
    -------
    Tensor of the shape of `images`
        The thinned images.

    Examples
    --------
    >>> thin(torch.arange(1.0, 5.0).reshape(1, 1, 2, 2), torch.tensor([[[[2]]]]), stride=2)[0, 0]
    tensor([[0., 0.],
            [3., 0.]])
    """
    alone = images.reshape(-1, 1, *images.shape[-2:])
    left_out = split(alone, choice.reshape(-1, 1, *choice.shape[-2:]), stride)[1]
    return images.masked_fill(left_out.reshape(images.shape), 0)


class RandomSubsampler:
    """Choose the kept pixel of every cell independently and evenly (the paper's sampler).

    Parameters
    ----------
    stride : int
        Side of a cell, in pixels.
    stratified : bool, default=True
        Whether the draws of inference are stratified: in every ``stride**2`` draws in a row,
        each pixel of each cell is kept exactly once. False draws them independently, as
        published.

    References
    ----------
    X. Tian et al., "Zero-Shot Image Denoising for High-Resolution Electron Microscopy",
    IEEE TCI 10, 1462-1475, 2024.
    """

    def __init__(self, stride: int, stratified: bool = True):
        self.stride = stride
        self.stratified = stratified

    def choose(self, n: int, height: int, width: int, generator: torch.Generator) -> torch.Tensor:
        """Choose for a training batch.

        Parameters
        ----------
        n, height, width : int
            Number of images and the size of each, in cells.
        generator : torch.Generator
            Where the numbers come from.

        Returns
        -------
        Tensor of int64 of shape (n, 1, height, width)
            The choice, for :func:`split`.
        """
        shape = (n, 1, height, width)
        return torch.randint(self.stride**2, shape, generator=generator, device=generator.device)

    def choose_draw(self, draw: int, rows: range, columns: range, seed: int) -> torch.Tensor:
        """Choose for one draw of inference, as a function of the absolute cell.

        Parameters
        ----------
        draw : int
            Number of the draw, from 0.
        rows, columns : range
            Absolute coordinates of the cells.
        seed : int
            The seed.

        Returns
        -------
        Tensor of int64 of shape (1, 1, len(rows), len(columns))
            The choice, for :func:`split`.
        """
        n_pixels = self.stride**2
        if not self.stratified:
            return (hash_grid(seed, rows, columns, draw) % n_pixels)[None, None]
        group, position = divmod(draw, n_pixels)
        return _shuffle(n_pixels, seed, rows, columns, group)[position][None, None]

    def n_draws(self, wanted: int) -> int:
        """Return the number of distinct draws: as many as wanted.

        Parameters
        ----------
        wanted : int
            Number of draws asked for.

        Returns
        -------
        int
            `wanted`.
        """
        return wanted


class FixedSubsampler:
    """Choose one and the same pixel for all cells (Table II of the paper, "fixed").

    Parameters
    ----------
    stride : int
        Side of a cell, in pixels.
    """

    def __init__(self, stride: int):
        self.stride = stride

    def choose(self, n: int, height: int, width: int, generator: torch.Generator) -> torch.Tensor:
        """Choose for a training batch: one pixel for each image; see :class:`RandomSubsampler`."""
        one = torch.randint(
            self.stride**2, (n, 1, 1, 1), generator=generator, device=generator.device
        )
        return one.expand(n, 1, height, width)

    def choose_draw(self, draw: int, rows: range, columns: range, seed: int) -> torch.Tensor:
        """Choose for one draw of inference: pixel ``draw`` of every cell, in turn."""
        choice = torch.tensor((draw + seed) % self.stride**2)
        return choice.expand(1, 1, len(rows), len(columns))

    def n_draws(self, wanted: int) -> int:
        """Return the number of distinct draws, at most ``stride**2``."""
        return min(wanted, self.stride**2)


class RowSubsampler:
    """Choose the kept pixels of all cells side by side from one row of the image.

    For noise that is correlated along rows, however far: with :func:`unseen_rows`, no target stands
    in a row of which the network is shown a pixel.

    Parameters
    ----------
    stride : int
        Side of a cell, in pixels.
    """

    def __init__(self, stride: int):
        self.stride = stride

    def choose(self, n: int, height: int, width: int, generator: torch.Generator) -> torch.Tensor:
        """Choose for a training batch: a row for each row of cells, a column for each cell."""
        row, column = (
            torch.randint(
                self.stride, (n, 1, height, side), generator=generator, device=generator.device
            )
            for side in (1, width)
        )
        return row * self.stride + column

    def choose_draw(self, draw: int, rows: range, columns: range, seed: int) -> torch.Tensor:
        """Choose for one draw of inference; see :class:`RandomSubsampler`.

        In every ``stride**2`` draws in a row, each pixel of each cell is kept exactly once.
        """
        group, position = divmod(draw, self.stride**2)
        first, second = divmod(position, self.stride)
        row = _shuffle(self.stride, seed, rows, range(1), group)[first]
        column = _shuffle(self.stride, seed, rows, columns, group, first)[second]
        return (row * self.stride + column)[None, None]

    def n_draws(self, wanted: int) -> int:
        """Return the number of distinct draws: as many as wanted."""
        return wanted


def unseen_rows(left_out: torch.Tensor) -> torch.Tensor:
    """Return which pixels lie in rows of which none was kept.

    Parameters
    ----------
    left_out : Tensor of bool of shape (n, 1, height, width)
        False at kept pixels, from :func:`split`.

    Returns
    -------
    Tensor of bool of shape (n, 1, height, width)
        False in the whole row of a kept pixel.

    Examples
    --------
    >>> unseen_rows(torch.tensor([[[[True, False], [True, True]]]]))[0, 0]
    tensor([[False, False],
            [ True,  True]])
    """
    return left_out.all(dim=-1, keepdim=True).expand_as(left_out)


@lru_cache(maxsize=1)  # the draws of a group follow each other
def _shuffle(n, seed, rows, columns, *salts):
    """Return, for every cell, the numbers below `n` in an order of its own, on the first axis."""
    keys = [hash_grid(seed, rows, columns, *salts, number) for number in range(n)]
    return torch.stack(keys).argsort(dim=0, stable=True)
