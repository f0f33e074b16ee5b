"""Networks and losses from elsewhere get a sentence, before they are trained."""

import warnings
from contextlib import contextmanager

import torch

from ._memory import is_out_of_memory
from ._predict import Predictor


def check_network(plan, network, crop):
    """Raise ValueError if the scheme of a plan makes no image with a network.

    Parameters
    ----------
    plan : Plan
        What to train.
    network : torch.nn.Module
        The network; it stays as it is.
    crop : Tensor of shape (1, 1 + n_neighbours, height, width)
        Part of an image, as in training.
    """
    expected = (1, 1, *crop.shape[-2:])
    try:
        with _evaluating(network):
            made, *_ = next(Predictor(network, plan.scheme, plan.seed).passes(crop))
    except (TypeError, AttributeError, LookupError, RuntimeError) as error:
        if is_out_of_memory(error):
            raise
        got = f"{type(error).__name__}: {error}"
        raise ValueError(_cannot(plan, network, expected, got)) from error
    if tuple(made.shape) != expected:
        raise ValueError(_cannot(plan, network, expected, f"one of shape {tuple(made.shape)}"))


@contextmanager
def _evaluating(network):
    """Switch a network, and no part of it for longer, to what it does after a training."""
    modes = [(part, part.training) for part in network.modules()]
    network.eval()
    try:
        yield
    finally:
        for part, mode in modes:
            part.training = mode


def _cannot(plan, network, expected, got):
    scheme = type(plan.scheme).__name__
    name = type(getattr(network, "encoder", network)).__name__
    return (
        f"Expected the scheme {scheme} of {plan.name} to make an image of shape {expected} "
        f"(images, channels, rows, columns) with the network {name}, got {got}. Let the network "
        f"take and return the channels of {scheme}, as one tensor of float32 with the sides of "
        "its input."
    )


@contextmanager
def watching_draws(name):
    """Warn if what is done within draws from torch's global generator.

    Parameters
    ----------
    name : str
        What is fitted.
    """
    before = torch.get_rng_state()
    yield
    if not torch.equal(before, torch.get_rng_state()):
        warnings.warn(
            f"The network of {name} draws from torch's global generator, as Dropout does, so that "
            "random_state does not repeat the fit. Call torch.manual_seed before fit, or draw from "
            "a torch.Generator with a seed that is drawn when the network is made.",
            UserWarning,
            stacklevel=8,
        )


def check_loss(loss):
    """Raise ValueError if no network can learn from a loss.

    Parameters
    ----------
    loss : object
        What a scheme returned.
    """
    if isinstance(loss, torch.Tensor) and loss.numel() == 1 and loss.requires_grad:
        return
    got = type(loss).__name__
    if isinstance(loss, torch.Tensor):
        got = f"a tensor of shape {tuple(loss.shape)}"
        got += "" if loss.requires_grad else " that depends on no weight"
    raise ValueError(
        f"Expected a loss of one number that depends on the weights of the network, got {got}. "
        "Return a mean of errors, as masked_mean_square does, and detach and freeze nothing of it."
    )
