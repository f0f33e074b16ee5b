"""BLAS is held to one thread, whoever has set a limit before."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from sk_noise2sr import datasets
from sk_noise2sr._blas import sequential_blas
from sk_noise2sr.noise import estimate_noise
from sk_noise2sr.refine import CollaborativeFilter


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


def test_one_thread_inside_and_as_before_outside(several_threads):
    for _ in range(2):
        before = blas_threads()
        assert inside() == {1}
        assert blas_threads() == before


def test_a_thread_that_does_not_control_blas_limits_it_too(several_threads):
    before = blas_threads()
    with ThreadPoolExecutor(1) as executor:
        assert [executor.submit(inside).result() for _ in range(2)] == [{1}, {1}]
    assert blas_threads() == before


def test_the_limit_stays_until_the_last_has_left(several_threads):
    before = blas_threads()
    with ThreadPoolExecutor(1) as executor:
        with sequential_blas:
            executor.submit(inside).result()
            assert blas_threads() == {1}
        assert blas_threads() == before


@pytest.mark.parametrize("guided", [False, True])
def test_the_number_of_threads_does_not_change_a_filtered_image(guided):
    clean, noisy = (image.astype(np.float32) for image in datasets.make_hrem((64, 64)))
    kernel = CollaborativeFilter.fit(noisy[np.newaxis], estimate_noise(noisy).anscombe(), "auto")
    results = []
    for n_threads in (1, 2):
        with threadpool_limits(n_threads):
            results.append(kernel.denoise(noisy, guide=clean if guided else None))
    np.testing.assert_array_equal(*results)
