"""BLAS is held to one thread, whoever has set a limit before, and filters do not see the cores."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from sk_noise2sr._blas import sequential_blas
from sk_noise2sr.filters import bm3d, nl_bayes


def blas_threads():
    return {each["num_threads"] for each in threadpool_info() if each["user_api"] == "blas"}


@pytest.fixture
def several_threads():
    """Two BLAS threads, set by this thread, which newer threadpoolctl then lets alone set them."""
    with threadpool_limits(2, "blas"):
        yield


def inside():
    with sequential_blas:
        return blas_threads()


@pytest.mark.usefixtures("several_threads")
def test_one_thread_inside_and_as_before_outside():
    for _ in range(2):
        before = blas_threads()
        assert inside() == {1}
        assert blas_threads() == before


@pytest.mark.usefixtures("several_threads")
def test_a_thread_that_does_not_control_blas_limits_it_too():
    before = blas_threads()
    with ThreadPoolExecutor(1) as executor:
        assert [executor.submit(inside).result() for _ in range(2)] == [{1}, {1}]
    assert blas_threads() == before


@pytest.mark.usefixtures("several_threads")
def test_the_limit_stays_until_the_last_has_left():
    before = blas_threads()
    with ThreadPoolExecutor(1) as executor:
        with sequential_blas:
            executor.submit(inside).result()
            assert blas_threads() == {1}
        assert blas_threads() == before


@pytest.mark.parametrize(
    "denoise",
    [lambda noisy: bm3d(noisy, 0.35), lambda noisy: nl_bayes(noisy, 0.35, noisy - noisy.mean())],
    ids=["bm3d", "nl_bayes"],
)
@pytest.mark.parametrize("n_threads", [2, 4])
def test_the_number_of_threads_does_not_change_a_filtered_image(denoise, noisy, n_threads):
    with threadpool_limits(1, "blas"):
        expected = denoise(noisy)
    with threadpool_limits(n_threads, "blas"):
        np.testing.assert_array_equal(denoise(noisy), expected)
