"""The scheme of a method: how it corrupts, compares and predicts; parameters are elsewhere."""

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import nn

from .._symmetries import N_SYMMETRIES
from ..networks import at_any_side


class Scheme:
    """How a method corrupts an image, what it compares, and how it predicts.

    A method writes ``loss``, and ``apply`` or ``predict`` if its result is not simply the output of
    the network.

    Parameters
    ----------
    make_network : callable
        Returns a fresh ``torch.nn.Module``.
    n_passes : int or None, default=None
        Number of predictions that are averaged; None is one for each symmetry.
    turns : bool, default=True
        Whether predictions are made under the symmetries in turn.

    Attributes
    ----------
    multiple : int
        What the sides of an image have to be a multiple of.
    spacing : int
        Distance of the pixels from which others are predicted. Automatic binning leaves the binned
        image finer by this factor, so that detail survives the sub-sampling.
    n_symmetries : int
        8 for all flips and rotations, 4 for those under which rows stay rows.
    beyond : int
        How much farther than the network a prediction sees, in pixels.
    tells_hidden : bool
        Whether ``predict`` says which pixels a prediction could not see.
    n_alike : int
        Predictions in a row that ``predict_alike`` can make in one pass of the network.
    """

    multiple, spacing, n_symmetries, beyond = 1, 2, N_SYMMETRIES, 0
    tells_hidden, n_alike = False, 1

    def __init__(
        self, make_network: Callable[..., Any], n_passes: int | None = None, turns: bool = True
    ):
        if isinstance(make_network, nn.Module) or not callable(make_network):
            raise ValueError(
                f"Expected a callable that makes a fresh network, got {type(make_network).__name__}"
                ". Give a class derived from torch.nn.Module, not an instance of it."
            )
        self.make_network = make_network
        self.turns = turns
        self.n_passes = n_passes or (self.n_symmetries if turns else 1)

    def loss(self, network: nn.Module, batch: Any) -> torch.Tensor:
        """Return the error of a network's predictions at the pixels left out.

        Parameters
        ----------
        network : torch.nn.Module
            The network.
        batch : Batch
            Crops, the map of pixels that may be targets, and a generator.

        Returns
        -------
        Tensor
            A scalar with gradients.
        """
        raise NotImplementedError(f"{type(self).__name__} has to write loss(network, batch).")

    def apply(self, network: nn.Module, noisy: torch.Tensor) -> torch.Tensor:
        """Return the image, (n, 1, height, width), that one pass of the network makes."""
        return network(noisy)

    def predict(
        self, network: nn.Module, noisy: torch.Tensor, draws: Any, number: int
    ) -> tuple[torch.Tensor, torch.Tensor | None]:
        """Make one of the ``n_passes`` predictions whose mean is the result.

        Parameters
        ----------
        network : torch.nn.Module
            The network.
        noisy : Tensor of shape (1, 1 + n_neighbours, height, width)
            The image, or a tile of it; of a movie, a frame and its neighbours.
        draws : Draws
            The seed of random draws, and where the tile lies.
        number : int
            Number of the prediction.

        Returns
        -------
        prediction : Tensor of shape (1, 1, height, width)
            The prediction.
        unseen : Tensor of bool of shape (1, 1, height, width)
            The pixels that this prediction could not see.
        """
        prediction = self.turned(network, noisy, self.symmetry(number))
        return prediction, torch.zeros_like(prediction, dtype=torch.bool)

    def predict_alike(
        self, network: nn.Module, noisy: torch.Tensor, draws: Any, numbers: range
    ) -> list[tuple[torch.Tensor, torch.Tensor | None]]:
        """Make several predictions; `numbers` do not go beyond a multiple of ``n_alike``.

        Parameters
        ----------
        network, noisy, draws
            As in :meth:`predict`.
        numbers : range
            Numbers of the predictions.

        Returns
        -------
        list
            The result of :meth:`predict` for each number.
        """
        return [self.predict(network, noisy, draws, number) for number in numbers]

    def turned(self, network: nn.Module, noisy: torch.Tensor, symmetry: int) -> torch.Tensor:
        """Return one pass over a turned image, turned back."""
        return at_any_side(
            partial(self.apply, network),
            noisy,
            side_multiple=self.alignment(network),
            symmetry=symmetry,
        )

    def symmetry(self, number: int) -> int:
        """Return the symmetry of a prediction."""
        return number % self.n_symmetries if self.turns else 0

    def alignment(self, network: nn.Module) -> int:
        """Return the multiple of pixels on which tiles have to start, for poolings to agree."""
        return math.lcm(self.multiple, getattr(network, "side_multiple", 1))


def masked_mean_square(errors: torch.Tensor, counted: torch.Tensor) -> torch.Tensor:
    """Return the mean square of the errors that count; 0 if none does.

    Parameters
    ----------
    errors : Tensor
        Errors.
    counted : Tensor of bool or float, of the shape of `errors`
        Which of them count.

    Returns
    -------
    Tensor
        A scalar.

    Examples
    --------
    >>> masked_mean_square(torch.tensor([1.0, 2.0]), torch.tensor([False, True]))
    tensor(4.)
    """
    return masked_mean(errors**2, counted)


def masked_mean(values, counted):
    """Return the mean of the values that count; 0 if none does."""
    if counted.dtype == torch.bool:
        counted = counted.view(torch.uint8).to(values)  # once, and several times as fast as of bool
    return (values * counted).sum() / counted.sum().clamp(min=1)
