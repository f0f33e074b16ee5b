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
        sizes = [weights.numel() for weights in matrices]
        self._n_in_matrices = sum(sizes)
        rest = slice(self._n_in_matrices, None)
        self._mean, self._square = self._mean[rest], self._square[rest]
        self._whitenings = [None] * len(matrices)
        self._ahead, self._direction = (
            torch.empty_like(self.weights),
            torch.empty_like(self.weights),
        )
        # In either layout, the weights of an output lie side by side.
        self._matrices, self._steps = (
            [
                part.view(len(weights), -1)
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
        for number, (matrix, step) in enumerate(zip(self._matrices, self._steps, strict=True)):
            if self.n <= _AT_FIRST or (self.n + number) % _EVERY == 0:
                self._whitenings[number] = whitening(matrix)
            _multiply(self._whitenings[number], matrix, out=step)
        if self._steps:
            norms = torch.stack(torch._foreach_norm(self._steps))
            torch._foreach_mul_(self._steps, (self._norms / (norms + _TINY)).unbind())
        return self._direction


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
    factor = _factor(gram)
    root = factor / norm.sqrt()
    for _ in range(_TIMES - 1):
        gram = factor @ gram @ factor
        factor = _factor(gram)
        root = factor @ root
    return root


def _factor(gram):
    """Return what brings the singular values of a matrix with this Gram matrix nearer to 1."""
    linear, cubic, quintic = _COEFFICIENTS
    factor = torch.addmm(gram, gram, gram, beta=cubic, alpha=quintic)
    factor.diagonal().add_(linear)
    return factor


def _multiply(root, matrix, out):
    torch.mm(*((matrix, root) if _is_tall(matrix) else (root, matrix)), out=out)


def _is_tall(matrix):
    return matrix.shape[0] > matrix.shape[1]
