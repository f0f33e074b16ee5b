"""Threads share out work: results come in order, and no work goes on once nobody waits."""

import threading
import time

import pytest
import torch

from sk_noise2sr.engine._in_order import in_order


@pytest.mark.parametrize("n_threads", [1, 2, 5])
def test_results_come_in_the_order_of_tasks(n_threads):
    def slow_first(task):
        time.sleep(0.02 * (task == 0))
        return task**2

    assert list(in_order(slow_first, range(7), n_threads)) == [n**2 for n in range(7)]


def test_two_threads_work_at_a_time():
    both = threading.Barrier(2, timeout=10)
    assert list(in_order(lambda task: both.wait() >= 0, range(4), 2)) == [True] * 4


def test_torch_uses_one_thread_in_each():
    assert list(in_order(lambda task: torch.get_num_threads(), range(3), 2)) == [1, 1, 1]


@pytest.mark.parametrize("n_threads", [1, 2])
def test_no_more_is_done_than_is_asked_for_and_worked_on_ahead(n_threads):
    done = []
    made = in_order(done.append, range(100), n_threads)
    for _ in range(3):
        next(made)
    made.close()
    assert len(done) <= 3 + 2 * n_threads


@pytest.mark.parametrize("n_threads", [1, 2])
def test_an_error_comes_in_its_turn(n_threads):
    made = in_order(lambda task: 1 // task, (1, 0, 1), n_threads)
    assert next(made) == 1
    with pytest.raises(ZeroDivisionError):
        next(made)
