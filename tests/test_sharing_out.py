"""Two functions side by side, where threads share out work."""

import threading

import numpy as np
import pytest
from joblib import parallel_config

from sk_noise2sr import Noise2SR, datasets
from sk_noise2sr._threads import side_by_side


def test_both_run_at_once():
    """Each waits for the other: one after another, they would wait in vain."""
    both = threading.Barrier(2, timeout=20)
    with parallel_config("threading", n_jobs=2):
        assert sorted(side_by_side(both.wait, both.wait)) == [0, 1]


def test_one_thread_calls_both():
    with parallel_config("threading", n_jobs=1):
        threads = side_by_side(threading.current_thread, threading.current_thread)
    assert threads == (threading.current_thread(),) * 2


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_the_error_is_that_of_the_first(n_jobs):
    def fail(words):
        raise ValueError(words)

    with parallel_config("threading", n_jobs=n_jobs):
        with pytest.raises(ValueError, match="first"):
            side_by_side(lambda: fail("first"), lambda: fail("second"))
        with pytest.raises(ValueError, match="second"):
            side_by_side(int, lambda: fail("second"))


def test_a_fit_does_not_depend_on_them():
    _, noisy = datasets.make_hrem((96, 96), random_state=0)
    images = []
    for n_jobs in (1, 2):
        with parallel_config("threading", n_jobs=n_jobs):
            denoiser = Noise2SR(epochs=1, random_state=0, n_threads=1, verbose=0)
            images.append(denoiser.fit_transform(noisy))
    np.testing.assert_array_equal(*images)
