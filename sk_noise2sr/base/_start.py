"""The start of a fit: from a seed or from the weights of the last fit; and when it has to end."""

import math

from .. import engine
from .._seeding import make_seed


def start_fit(denoiser):
    """Take the last fit from a denoiser, so that one that fails leaves none behind.

    Parameters
    ----------
    denoiser : BaseNetworkDenoiser
        A denoiser, with a fit or without.

    Returns
    -------
    blank : Fit
        An empty fit with a seed and the frozen parameters; with a grid and a filter if those of
        another fit are to be used.
    before : Fit or None
        The last fit, if a warm start goes on from its weights.
    """
    before = vars(denoiser).pop("fit_", None)
    seed = make_seed(denoiser.random_state)
    parameters = {name: getattr(denoiser, name) for name in denoiser._frozen}
    goes_on = denoiser.warm_start and before is not None and before.parameters == parameters
    like = getattr(vars(denoiser).pop("_like", None), "fit_", None)
    chosen = {} if like is None or like.others else {"grid": like.grid, "filter": like.filter}
    blank = engine.Fit(seed, parameters, denoiser._training.held_out, **chosen)
    return blank, before if goes_on else None


def deadline_of(denoiser, began):
    """Return the time by which a call that began at `began` has to be done."""
    return math.inf if denoiser.max_time is None else began + denoiser.max_time
