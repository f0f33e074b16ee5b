"""Threads share out a large image, and change no bit of it."""

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from joblib import Parallel, delayed, parallel_config
from joblib.parallel import get_active_backend

from sk_noise2sr import VSTBM3D, Noise2SR, _threads
from sk_noise2sr._threads import threads_for
from sk_noise2sr.filters import _groups, bm3d, nl_bayes
from sk_noise2sr.filters._groups import _filter_patch
from sk_noise2sr.refine import CollaborativeFilter

SHAPE = (210, 220)  # four patches


@pytest.fixture(autouse=True)
def cores(monkeypatch):
    """Set two cores, of which the environment allows one."""
    monkeypatch.setattr(_threads, "cpu_count", lambda: 2)
    monkeypatch.setenv("OMP_NUM_THREADS", "1")


@pytest.fixture
def threads(monkeypatch):
    """Return a set that gets the threads which filter; each waits for a second one, for a while."""
    seen, second = set(), threading.Event()

    def filter_patch(*arguments):
        seen.add(threading.get_ident())
        if len(seen) > 1:
            second.set()
        second.wait(0.2)
        return _filter_patch(*arguments)

    monkeypatch.setattr(_groups, "_filter_patch", filter_patch)
    return seen


@pytest.fixture(scope="module")
def lattice():
    """Return a noisy lattice that takes several patches, and its noiseless image."""
    rows, columns = np.ogrid[: SHAPE[0], : SHAPE[1]]
    clean = (5 + 4 * np.cos(rows / 2) * np.cos(columns / 2.5)).astype(np.float32)
    return clean + np.random.default_rng(0).normal(size=SHAPE).astype(np.float32), clean


@pytest.mark.parametrize("denoise", [bm3d, nl_bayes])
def test_two_threads_give_the_image_of_one(lattice, threads, denoise):
    noisy, clean = lattice
    alone = denoise(noisy, 1.0, guide=clean)
    assert len(threads) == 1
    threads.clear()
    with parallel_config("threading", n_jobs=2):
        np.testing.assert_array_equal(denoise(noisy, 1.0, guide=clean), alone)
    assert len(threads) == 2


@pytest.mark.parametrize(("allowed", "n_threads"), [("", 2), ("4,1", 2), ("1", 1), ("many", 2)])
def test_without_a_word_as_many_as_cores(lattice, threads, monkeypatch, allowed, n_threads):
    monkeypatch.setenv("OMP_NUM_THREADS", allowed)
    bm3d(lattice[0], 1.0, guide=lattice[1])
    assert len(threads) == n_threads


def test_a_worker_keeps_to_one_thread(lattice, threads, monkeypatch):
    """Whoever has several works on several images."""
    monkeypatch.delenv("OMP_NUM_THREADS")
    noisy, clean = lattice
    with ThreadPoolExecutor(1) as pool:
        pool.submit(bm3d, noisy, 1.0, guide=clean).result()
    assert len(threads) == 1
    found = Parallel(2)(delayed(threads_for)(range(5)) for _ in range(2))
    assert found == [1, 1]


def test_processes_of_others_are_no_threads_of_the_filter(lattice, threads):
    noisy, clean = lattice
    with parallel_config("loky", n_jobs=2):
        bm3d(noisy, 1.0, guide=clean)
    assert len(threads) == 1


@pytest.mark.parametrize(("n_threads", "of_joblib"), [(1, 2), (2, 1), (None, 3)])
def test_a_denoiser_filters_with_its_threads(hurried, noisy, n_threads, of_joblib, monkeypatch):
    found, refine = [], CollaborativeFilter.refine

    def look(*arguments, **more):
        found.append(get_active_backend()[1])
        return refine(*arguments, **more)

    monkeypatch.setattr(CollaborativeFilter, "refine", look)
    with parallel_config("threading", n_jobs=of_joblib):
        hurried(Noise2SR, refine=True, n_threads=n_threads).fit(noisy).transform(noisy)
    assert found == [n_threads or of_joblib]


def test_an_error_in_a_thread_is_raised(lattice, monkeypatch):
    def fail(*arguments):
        raise MemoryError("no room")

    monkeypatch.setattr(_groups, "_filter_patch", fail)
    with parallel_config("threading", n_jobs=2), pytest.raises(MemoryError, match="no room"):
        VSTBM3D(binning=1).fit_transform(lattice[0])
