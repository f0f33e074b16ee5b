"""Threads that share out gradients or predictions: the results of one thread."""

import gc
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
from torch import nn

from sk_noise2sr import Noise2SR, _convolve
from sk_noise2sr.engine import Training, _beside, _predict, limit_threads
from sk_noise2sr.engine._beside import weights_beside
from sk_noise2sr.networks import make_super_resolution_network
from sk_noise2sr.schemes import SuperResolution

pytestmark = pytest.mark.skipif((os.cpu_count() or 1) < 2, reason="one core")


@pytest.fixture(autouse=True)
def two_threads(monkeypatch):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    with limit_threads(2, work=0):
        yield


@pytest.fixture
def network():
    torch.manual_seed(0)
    network = make_super_resolution_network("compact", 2, n_neighbours=2)
    nn.init.normal_(network.decoder[-1][0].weight)
    return network


def gradients(network, called, n_images=2, seed=0):
    """Return the gradients of all weights, once through this call of a network."""
    generator = torch.Generator().manual_seed(seed)
    kept, noisy, around = (
        torch.randn(n_images, n, scale * 12, scale * 20, generator=generator)
        for n, scale in ((1, 1), (1, 2), (2, 2))
    )
    network.zero_grad()
    (called(kept, around=around) - noisy).square().mean().backward()
    return [weights.grad.clone() for weights in network.parameters()]


@pytest.mark.parametrize("n_images", [1, 2, 3])
def test_gradients_are_those_of_one_thread(network, n_images):
    with limit_threads(1, work=0):
        alone = gradients(network, network, n_images)
    with weights_beside(network) as called:
        assert called is not network
        for _ in range(3):
            for one, other in zip(alone, gradients(network, called, n_images), strict=True):
                torch.testing.assert_close(one, other, rtol=0, atol=0)
                assert one.abs().max() > 0


def test_a_second_thread_takes_gradients_of_weights(network, monkeypatch):
    seen, backward = [], _convolve._backward

    def look(*inputs, of_features=False, of_weights=False):
        seen.append((of_weights, threading.current_thread() is threading.main_thread()))
        return backward(*inputs, of_features=of_features, of_weights=of_weights)

    monkeypatch.setattr(_convolve, "_backward", look)
    with weights_beside(network) as called:
        for _ in range(5):
            gradients(network, called)
    assert (True, False) in seen  # weights, in the second
    assert (False, False) not in seen  # features, in the first alone


def test_what_the_helper_has_not_begun_the_caller_takes():
    held, weights, ran = threading.Event(), nn.Parameter(torch.zeros(1)), []

    def task(number):
        def run():
            ran.append((number, threading.current_thread() is threading.main_thread()))
            if number == 0:
                held.wait()
            if number == 3:
                held.set()
            return (torch.tensor([10.0**number]),)

        return run

    with _beside._Helper() as helper:
        helper.add((weights,), task(0))
        while not ran:
            time.sleep(0.001)
        for number in range(1, 5):
            helper.add((weights,), task(number))
        sums = helper.gradients()
        assert not helper.gradients()
    assert sums == {weights: torch.tensor([11111.0])}
    assert ran[:3] == [(0, False), (4, True), (3, True)]
    assert sorted(number for number, _ in ran) == [0, 1, 2, 3, 4]


def test_an_error_in_the_second_thread_is_raised(network, monkeypatch):
    def fail(*inputs, of_features=False, of_weights=False):
        if of_weights:
            raise MemoryError("no memory")
        return torch.zeros_like(inputs[1]), None, None

    monkeypatch.setattr(_convolve, "_backward", fail)
    with weights_beside(network) as called, pytest.raises(MemoryError, match="no memory"):
        gradients(network, called)


def test_nothing_is_kept_after_a_step(network):
    gc.collect()
    gc.disable()
    try:
        with weights_beside(network) as called:
            gradients(network, called)
            before = _n_tensors()
            gradients(network, called)
            assert _n_tensors() <= before
    finally:
        gc.enable()


def _n_tensors():
    return sum(issubclass(type(each), torch.Tensor) for each in gc.get_objects())


class _Elsewhere(nn.Conv2d):
    """A network of a user, of which nothing is known."""

    def __init__(self, n_in, n_out):
        super().__init__(n_in, n_out, 3, padding=1)


@pytest.mark.parametrize(("encoder", "n_threads"), [("compact", 1), (_Elsewhere, 2)])
def test_else_the_network_is_called_itself(encoder, n_threads):
    network = make_super_resolution_network(encoder, 2)
    with limit_threads(n_threads, work=0), weights_beside(network) as called:
        assert called is network
        assert torch.get_num_threads() == n_threads


def test_the_number_of_threads_stays(network):
    with weights_beside(network):
        assert torch.get_num_threads() == 1
    assert torch.get_num_threads() == 2


@pytest.mark.parametrize("n_threads", [1, 2])
def test_a_limit_holds_in_a_thread_that_has_not_asked_torch_before(n_threads):
    def look():
        with limit_threads(n_threads, work=0):
            torch.ones(10**6).add_(1)
            return torch.get_num_threads()

    with ThreadPoolExecutor(1) as threads:
        assert threads.submit(look).result() == min(n_threads, os.cpu_count())


@pytest.mark.parametrize("training", [Training(), Training(schedule="halved_by_thirds")])
def test_threads_change_no_bit_of_a_fit(noisy, training):
    fits = [
        Noise2SR(epochs=2, training=training, n_threads=n, random_state=0, verbose=0).fit(noisy)
        for n in (1, 2, 3, None)
    ]
    alone, *others = ([step["loss"] for step in fit.history_] for fit in fits)
    assert others == [alone] * 3


@pytest.mark.parametrize("n_threads", [2, None])
def test_threads_share_out_predictions_and_change_no_bit(hurried, noisy, n_threads, monkeypatch):
    denoiser = hurried(Noise2SR, M=8, refine=True).fit(noisy)
    seen, predict = set(), SuperResolution.predict

    def look(*arguments):
        seen.add(threading.get_ident())
        return predict(*arguments)

    monkeypatch.setattr(SuperResolution, "predict", look)
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
    denoiser = hurried(Noise2SR, **options).fit(noisy)
    taken.clear()
    denoiser.transform(noisy)
    assert taken == [1]


def test_shares_are_those_of_one_thread(hurried, noisy):
    found = []
    for n_threads in (1, None):
        denoiser = hurried(Noise2SR, n_threads=n_threads, refine=True, binning=1)
        found.append(denoiser.fit(noisy).filter_.shares)
    assert found[0] == found[1]
