"""Adam over all weights as one vector: a few kernels a step, however many layers there are.

torch.optim would load torch._dynamo and sympy, seconds of work that nothing here needs.
"""

import math

import torch

_EPSILON = 1e-8
_TINY = 1e-6


class Adam:
    """Adam, after Kingma and Ba: step sizes scaled by running moments of the gradient.

    Parameters
    ----------
    network : torch.nn.Module
        What is trained, on its device. Its weights become views of one vector.
    betas : pair of float, default=(0.9, 0.999)
        Decay of both moments.
    largest_norm : float, default=inf
        Gradients of a greater norm are scaled down to it.
    """

    def __init__(self, network, betas=(0.9, 0.999), largest_norm=math.inf):
        self.weights, self.views = as_vector(network)
        self.gradient = torch.zeros_like(self.weights)
        for parameter, view in self.views:
            parameter.grad = view(self.gradient)
        self._mean = torch.zeros_like(self.weights)
        self._square = torch.zeros_like(self.weights)
        self._betas, self._largest_norm, self.n = betas, largest_norm, 0

    def step(self, loss, rate):
        """Take one step down the gradient of a loss.

        Parameters
        ----------
        loss : Tensor
            A scalar with gradients.
        rate : float
            Step size.
        """
        gradient = self.gradient.zero_()
        loss.backward()
        if self._largest_norm < math.inf:
            gradient *= (self._largest_norm / (gradient.norm() + _TINY)).clamp(max=1)
        self.n += 1
        self.weights.add_(self.direction(gradient), alpha=-rate)

    def direction(self, gradient):
        """Return the step for a step size of 1.

        Parameters
        ----------
        gradient : Tensor of shape (n_weights,)
            The gradient of this step, the number ``n``.

        Returns
        -------
        Tensor of shape (n_weights,)
            What is taken from the weights, times the step size.
        """
        first, second = self._betas
        self._mean.lerp_(gradient, 1 - first)
        self._square.mul_(second).addcmul_(gradient, gradient, value=1 - second)
        root = (self._square / (1 - second**self.n)).sqrt_().add_(_EPSILON)
        return self._mean.div(root).div_(1 - first**self.n)


def as_vector(network):
    """Lay all weights of a network side by side, matrices before all that is none.

    Parameters
    ----------
    network : torch.nn.Module
        Its weights become views of the vector; their values, shapes and layouts stay.

    Returns
    -------
    vector : Tensor of shape (n_weights,)
        All weights.
    views : list of (torch.nn.Parameter, callable)
        For each, what finds its part of any such vector.
    """
    parameters = sorted(network.parameters(), key=is_matrix, reverse=True)
    vector = torch.cat([weights.new_empty(weights.numel()) for weights in parameters])
    views, start = [], 0
    for weights in parameters:
        view = _view(weights, start)
        weights.data = view(vector).copy_(weights.detach())
        views.append((weights, view))
        start += weights.numel()
    return vector, views


def is_matrix(weights):
    """Return whether weights mix inputs to outputs; those of a depthwise convolution do not.

    Parameters
    ----------
    weights : Tensor
        The weights of a layer; the kernels of a convolution are one matrix.

    Returns
    -------
    bool
        True for those that :class:`~._muon.Muon` turns.
    """
    return weights.ndim > 1 and min(weights.shape[:2]) > 1


def _view(weights, start):
    shape, strides = weights.shape, weights.stride()
    return lambda vector: vector.as_strided(shape, strides, start)
