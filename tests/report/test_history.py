"""How a training went."""

import numpy as np
import pytest

from sk_noise2sr import AdaptiveWiener, Noise2SR
from sk_noise2sr.report import plot_history

matplotlib = pytest.importorskip("matplotlib")
matplotlib.use("agg")


def test_all_steps_and_their_means_are_drawn(noisy):
    denoiser = Noise2SR(epochs=1, random_state=0, verbose=0)
    denoiser.set_params(training__crop_size=32, training__held_out=0.0).fit(noisy)
    each, means = plot_history(denoiser).lines
    np.testing.assert_array_equal(each.get_ydata(), [e["loss"] for e in denoiser.history_])
    np.testing.assert_array_equal(means.get_ydata(), each.get_ydata())  # 40 steps: no means


def test_long_histories_are_averaged_on_given_axes():
    axes = matplotlib.figure.Figure().subplots()
    history = [{"step": step, "loss": float(step % 2)} for step in range(1, 1001)]
    assert plot_history(history, axes) is axes
    np.testing.assert_array_equal(axes.lines[1].get_ydata(), np.full(100, 0.5))


@pytest.mark.parametrize("denoiser", [AdaptiveWiener(), Noise2SR(), []])
def test_without_a_training_there_is_nothing_to_plot(denoiser):
    with pytest.raises(ValueError, match="has no history_ to plot: fit a denoiser that trains"):
        plot_history(denoiser)
