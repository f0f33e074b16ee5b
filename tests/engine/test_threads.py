"""Several threads: a fit repeats, and predictions are those of one thread."""

import os
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
from torch import nn

from sk_noise2sr import Noise2SR
from sk_noise2sr.engine import _predict, limit_threads
from sk_noise2sr.schemes import SuperResolution

pytestmark = pytest.mark.skipif((os.cpu_count() or 1) < 2, reason="one core")


@pytest.fixture(autouse=True)
def two_threads(monkeypatch):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    with limit_threads(2, work=0):
        yield


class _Elsewhere(nn.Conv2d):
    """A network of a user, of which nothing is known."""

    def __init__(self, n_in, n_out):
        super().__init__(n_in, n_out, 3, padding=1)


@pytest.mark.parametrize("n_threads", [1, 2])
def test_a_limit_holds_in_a_thread_that_has_not_asked_torch_before(n_threads):
    def look():
        with limit_threads(n_threads, work=0):
            torch.ones(10**6).add_(1)
            return torch.get_num_threads()

    with ThreadPoolExecutor(1) as threads:
        assert threads.submit(look).result() == min(n_threads, os.cpu_count())


def test_a_seed_gives_one_fit_in_two_threads_and_nearly_that_of_one(noisy):
    """Losses of the first steps; rounding grows with more."""
    fits = [
        Noise2SR(epochs=2, refine=False, n_threads=n, random_state=0, verbose=0).fit(noisy)
        for n in (1, 2, 2)
    ]
    one, two, again = ([step["loss"] for step in fit.history_] for fit in fits)
    assert two == again
    assert one[:5] == pytest.approx(two[:5], rel=1e-4)


@pytest.mark.parametrize("n_threads", [2, None])
def test_threads_share_out_predictions_and_change_no_bit(hurried, noisy, n_threads, monkeypatch):
    denoiser = hurried(Noise2SR, M=32, refine=True).fit(noisy)
    seen, predict = set(), SuperResolution.predict_alike

    def look(*arguments):
        seen.add(threading.get_ident())
        return predict(*arguments)

    monkeypatch.setattr(SuperResolution, "predict_alike", look)
    alone = denoiser.set_params(n_threads=1).transform(noisy)
    assert seen == {threading.get_ident()}
    seen.clear()
    shared = denoiser.set_params(n_threads=n_threads).transform(noisy)
    assert len(seen) == 2
    np.testing.assert_array_equal(shared, alone)


def test_a_thread_of_a_pool_keeps_to_itself(hurried, noisy, monkeypatch):
    denoiser, taken = hurried(Noise2SR, M=8).fit(noisy), []
    monkeypatch.setattr(
        _predict, "in_order", lambda make, tasks, n: taken.append(n) or map(make, tasks)
    )
    denoiser.transform(noisy)
    with ThreadPoolExecutor(1) as threads:
        threads.submit(denoiser.transform, noisy).result()
    assert taken == [2, 1]


@pytest.mark.parametrize("options", [{"encoder": _Elsewhere}, {"max_memory": "1GB"}])
def test_a_network_from_elsewhere_or_little_memory_takes_one_at_a_time(
    hurried, noisy, options, monkeypatch
):
    taken = []
    monkeypatch.setattr(
        _predict, "in_order", lambda make, tasks, n: taken.append(n) or map(make, tasks)
    )
    hurried(Noise2SR, **options).fit(noisy).transform(noisy)
    assert set(taken) == {1}


def test_shares_are_those_of_one_thread(hurried, noisy):
    found = []
    for n_threads in (1, None):
        denoiser = hurried(Noise2SR, n_threads=n_threads, refine=True, binning=1)
        found.append(denoiser.fit(noisy).filter_.shares)
    assert found[0] == found[1]
