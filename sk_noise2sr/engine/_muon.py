"""Muon: steps that learn along all directions of a layer at one pace.

torch.optim has it too, and would load torch._dynamo and sympy for it; see :mod:`._adam`.
"""

import math

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
        self._sizes = [weights.numel() for weights in matrices]
        self._n_rows = [len(weights) for weights in matrices]
        rest = slice(sum(self._sizes), None)
        self._mean, self._square = self._mean[rest], self._square[rest]
        self._whitenings = [None] * len(matrices)

    def direction(self, gradient):
        """Return the step for a step size of 1."""
        direction, n = torch.empty_like(gradient), sum(self._sizes)
        direction[n:] = super().direction(gradient[n:])
        self._momentum.lerp_(gradient, 1 - _MOMENTUM)
        ahead = torch.lerp(gradient, self._momentum, _MOMENTUM)  # as Nesterov
        # In either layout, the weights of an output lie side by side.
        parts = zip(
            self._n_rows,
            ahead[:n].split(self._sizes),
            direction[:n].split(self._sizes),
            strict=True,
        )
        for number, (n_rows, *both) in enumerate(parts):
            matrix, step = (each.view(n_rows, -1) for each in both)
            if self.n <= _AT_FIRST or (self.n + number) % _EVERY == 0:
                self._whitenings[number] = whitening(matrix)
            step.copy_(_times(self._whitenings[number], matrix))
            step *= _STRENGTH * math.sqrt(step.numel()) / (step.norm() + _TINY)
        return direction


def whitening(matrix):
    """Return what a matrix has to be multiplied by for singular values of about 1.

    Parameters
    ----------
    matrix : Tensor of shape (rows, columns)
        Any matrix.

    Returns
    -------
    Tensor of shape (n, n), n the smaller of rows and columns
        Newton and Schulz's approximation of the inverse root of the Gram matrix, whose largest
        singular values come to between 0.7 and 1.2.
    """
    gram = matrix.T @ matrix if _is_tall(matrix) else matrix @ matrix.T
    norm = gram.trace() + _TINY
    gram /= norm
    linear, cubic, quintic = _COEFFICIENTS
    root = torch.eye(len(gram), dtype=gram.dtype, device=gram.device) / norm.sqrt()
    for _ in range(_TIMES):
        factor = torch.addmm(gram, gram, gram, beta=cubic, alpha=quintic)
        factor.diagonal().add_(linear)
        root, gram = factor @ root, factor @ gram @ factor
    return root


def _times(root, matrix):
    return matrix @ root if _is_tall(matrix) else root @ matrix


def _is_tall(matrix):
    return matrix.shape[0] > matrix.shape[1]
