"""How a training went."""

from typing import Any

import numpy as np

from .._optional import import_optional

_MEANS = 100


def plot_history(denoiser: Any, axes: Any = None) -> Any:
    """Plot the loss of a training over its steps, and the mean of neighbouring steps.

    Parameters
    ----------
    denoiser : estimator or list of dict
        A fitted denoiser with ``history_``, or such a history.
    axes : matplotlib Axes, default=None
        Where to draw; None makes a figure.

    Returns
    -------
    matplotlib Axes
        With the plot.

    Raises
    ------
    ImportError
        If Matplotlib is not installed.
    ValueError
        If there is no history: the denoiser trains no network, or is not fitted.

    Examples
    --------
    >>> from sk_noise2sr.report import plot_history
    >>> history = [{"step": step, "loss": 1 / step} for step in range(1, 201)]
    >>> plot_history(history).get_xlabel()
    'step'
    """
    history = denoiser if isinstance(denoiser, list) else getattr(denoiser, "history_", None)
    if not history:
        raise ValueError(
            f"{type(denoiser).__name__} has no history_ to plot: fit a denoiser that trains a "
            "network, such as Noise2SR."
        )
    if axes is None:
        plots = import_optional("matplotlib.pyplot", "Plotting a history", "plot")
        axes = plots.subplots(figsize=(6, 3), layout="constrained")[1]
    axes.plot(*_curve(history), color="0.75", lw=0.8, label="each step")
    axes.plot(*mean_curve(history, _MEANS), label="mean of neighbours")
    axes.set(xlabel="step", ylabel="loss")
    axes.legend()
    return axes


def _curve(history):
    return (np.array([entry[key] for entry in history]) for key in ("step", "loss"))


def mean_curve(history, n_points):
    """Return means of neighbouring steps and of their losses: two rows of `n_points` at most."""
    parts = [np.array_split(each, min(len(history), n_points)) for each in _curve(history)]
    return np.array([[part.mean() for part in each] for each in parts])
