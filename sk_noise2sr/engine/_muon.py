"""Muon: steps that learn along all directions of a layer at one pace.

torch.optim has it too, and would load torch._dynamo and sympy for it; see :mod:`._adam`.
"""

import math
from collections import defaultdict

import torch

from ._adam import Adam, is_matrix

_MOMENTUM = 0.95
_STRENGTH = 0.4  # root mean square of a step, in step sizes: about that of Adam in such noise
# Singular values go to about 1 by these coefficients of x, x**3 and x**5, four times in a row.
_COEFFICIENTS, _TIMES = (3.4445, -4.7750, 2.0315), 4
_EVERY = 4  # steps for which a whitening holds: the momentum turns in about twenty
_AT_FIRST = 20  # steps in which it turns faster
_TINY = 1e-20


class Muon(Adam):
    """Muon for the matrices of a network, and Adam for all that is none.

    The gradient of a noisy target has a few strong directions, and the signal has many weak ones.
    Each step is the running mean of gradients with all its singular values brought to 1 [1]_, and
    of the size that Adam's would have [2]_. Kernels of a convolution are one matrix, a row for each
    output.

    Parameters
    ----------
    network : torch.nn.Module
        What is trained, on its device. Its weights become views of one vector.
    betas : pair of float, default=(0.9, 0.999)
        Decay of Adam's moments.
    largest_norm : float, default=inf
        Gradients of a greater norm are scaled down to it.

    Notes
    -----
    What brings the singular values to 1 is a matrix as small as the shorter side of the weights. It
    is computed anew in every fourth step only, which saves three quarters of the time.

    References
    ----------
    .. [1] K. Jordan et al., "Muon: An Optimizer for Hidden Layers in Neural Networks", 2024.
    .. [2] J. Liu et al., "Muon is Scalable for LLM Training", arXiv:2502.16982, 2025.
    """

    def __init__(self, network, betas=(0.9, 0.999), largest_norm=math.inf):
        super().__init__(network, betas, largest_norm)
        self._momentum = torch.zeros_like(self.weights)
        matrices = [weights for weights, _ in self.views if is_matrix(weights)]
        sizes = [weights.numel() for weights in matrices]
        self._n_in_matrices = sum(sizes)
        rest = slice(self._n_in_matrices, None)
        self._mean, self._square = self._mean[rest], self._square[rest]
        self._whitenings = []
        self._ahead, self._direction = (
            torch.empty_like(self.weights),
            torch.empty_like(self.weights),
        )
        # In either layout, the weights of an output lie side by side.
        self._matrices, self._steps = (
            [
                _lying(part.view(len(weights), -1))
                for weights, part in zip(matrices, vector[: rest.start].split(sizes), strict=True)
            ]
            for vector in (self._ahead, self._direction)
        )
        roots = torch.tensor(sizes, dtype=self.weights.dtype).sqrt_()
        self._norms = (_STRENGTH * roots).to(self.weights.device)

    def direction(self, gradient):
        """Return the step for a step size of 1."""
        n = self._n_in_matrices
        self._direction[n:] = super().direction(gradient[n:])
        self._momentum.lerp_(gradient, 1 - _MOMENTUM)
        torch.lerp(gradient, self._momentum, _MOMENTUM, out=self._ahead)  # as Nesterov
        if self.n <= _AT_FIRST or self.n % _EVERY == 0:
            self._whitenings = whitenings(self._matrices)
        for root, matrix, step in zip(self._whitenings, self._matrices, self._steps, strict=True):
            torch.mm(root, matrix, out=step)
        if self._steps:
            norms = torch.stack(torch._foreach_norm(self._steps))
            torch._foreach_mul_(self._steps, (self._norms / (norms + _TINY)).unbind())
        return self._direction


def whitenings(matrices):
    """Return what matrices have to be multiplied by for singular values of about 1.

    Parameters
    ----------
    matrices : list of Tensor of shape (rows, columns), rows <= columns
        Any matrices.

    Returns
    -------
    list of Tensor of shape (rows, rows)
        For each, Newton and Schulz's approximation of the inverse root of the Gram matrix, whose
        largest singular values come to between 0.7 and 1.2.
    """
    alike = defaultdict(list)  # of one size, at once: calls take longer than such small products
    for number, matrix in enumerate(matrices):
        alike[len(matrix)].append(number)
    roots = {}
    for numbers in alike.values():
        grams = torch.stack([matrices[number] @ matrices[number].T for number in numbers])
        roots |= zip(numbers, _inverse_roots(grams), strict=True)
    return [roots[number] for number in range(len(matrices))]


def _inverse_roots(grams):
    diagonals = torch.diagonal(grams, dim1=1, dim2=2)
    norms = diagonals.sum(1)[:, None, None] + _TINY
    grams = grams / norms
    factors = _factors(grams)
    roots = factors / norms.sqrt()
    for _ in range(_TIMES - 1):
        grams = factors @ grams @ factors
        factors = _factors(grams)
        roots = factors @ roots
    return roots


def _factors(grams):
    """Return what brings the singular values of matrices of these Gram matrices nearer to 1."""
    linear, cubic, quintic = _COEFFICIENTS
    factors = torch.baddbmm(grams, grams, grams, beta=cubic, alpha=quintic)
    factors.diagonal(dim1=1, dim2=2).add_(linear)
    return factors


def _lying(matrix):
    """Return a matrix, or its transpose, with no more rows than columns."""
    return matrix.T if matrix.shape[0] > matrix.shape[1] else matrix
