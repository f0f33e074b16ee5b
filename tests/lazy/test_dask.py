"""Dask arrays come back as transform makes them, whatever the scheduler does."""

import os
import pickle
import signal
import time

import dask
import dask.array
import numpy as np
import pytest
import torch
from distributed import Client, LocalCluster
from threadpoolctl import threadpool_info, threadpool_limits

from sk_noise2sr import AdaptiveWiener, Noise2SR
from sk_noise2sr.cli import main
from sk_noise2sr.io import Calibration, read_image, write_image
from sk_noise2sr.lazy import denoise_on_cluster, transform_lazily


@pytest.fixture
def movie(rng):
    return rng.poisson(8, (6, 32, 40)).astype(np.float32)


@pytest.mark.parametrize("chunks", [(1, 32, 40), (4, 16, 7), (6, 32, 40)])
@pytest.mark.parametrize("scheduler", ["synchronous", "threads"])
def test_all_chunks_and_schedulers_give_the_same(chunks, scheduler, movie, hurried):
    denoiser = hurried(Noise2SR).fit(movie[0])
    lazy = transform_lazily(denoiser, dask.array.from_array(movie, chunks=chunks))
    assert lazy.chunks[1:] == ((32,), (40,))
    denoised = lazy.compute(scheduler=scheduler)
    np.testing.assert_array_equal(denoised, denoiser.transform(movie), strict=True)


def test_more_threads_than_a_block_has_change_roundings_alone(hurried, rng):
    movie = rng.poisson(8, (2, 96, 96)).astype(np.float32)
    denoiser = hurried(Noise2SR, refine=False).fit(movie[0])
    blocks = transform_lazily(denoiser, dask.array.from_array(movie)).compute()
    with threadpool_limits(2):
        whole = denoiser.set_params(n_threads=2).transform(movie)
    np.testing.assert_allclose(blocks, whole, rtol=0, atol=8 * np.spacing(movie.max()))


def test_a_single_image_is_one_block(movie):
    denoiser = AdaptiveWiener().fit(movie)
    lazy = transform_lazily(denoiser, dask.array.from_array(movie[0], chunks=(10, 10)))
    assert lazy.chunks == ((32,), (40,))
    np.testing.assert_array_equal(lazy.compute(), denoiser.transform(movie[0]))


def test_integers_become_floats_as_in_transform(movie):
    counts = movie.astype("uint16")
    denoiser = AdaptiveWiener().fit(counts)
    lazy = transform_lazily(denoiser, dask.array.from_array(counts))
    assert lazy.dtype == lazy.compute().dtype == denoiser.transform(counts).dtype


def test_nothing_is_computed_before_it_is_asked_for(movie):
    def fail(block):
        raise RuntimeError("asked for")

    broken = dask.array.from_array(movie).map_blocks(fail, meta=np.empty((0, 0, 0), "f4"))
    lazy = transform_lazily(AdaptiveWiener().fit(movie), broken)
    with pytest.raises(RuntimeError, match="asked for"):
        lazy.compute()


def test_the_network_is_in_the_graph_once(hurried, rng):
    movie = rng.poisson(8, (20, 16, 16)).astype(np.float32)
    denoiser = hurried(Noise2SR, crop_size=16).fit(movie[:2])
    lazy = transform_lazily(denoiser, dask.array.from_array(movie, chunks=(1, 16, 16)))
    (optimized,) = dask.optimize(lazy)
    sizes = [len(pickle.dumps(task)) for task in dict(optimized.__dask_graph__()).values()]
    assert len(sizes) > 20
    assert sum(sizes) < 2 * len(pickle.dumps(denoiser)) + len(sizes) * 5000


def test_a_block_has_one_thread_and_afterwards_threads_are_as_they_were(movie):
    before = [each["num_threads"] for each in threadpool_info()]
    seen = set()

    class Probe(AdaptiveWiener):
        def transform(self, X):
            time.sleep(0.02 * float(X[0, 0, 0]))  # in first is not out first
            seen.update(each["num_threads"] for each in threadpool_info())
            seen.add(torch.get_num_threads())
            return super().transform(X)

    lazy = transform_lazily(Probe().fit(movie), dask.array.from_array(movie, chunks=(1, 32, 40)))
    lazy.compute(scheduler="threads", num_workers=4)
    assert seen == {1}
    assert [each["num_threads"] for each in threadpool_info()] == before
    with threadpool_limits(1, "blas"):  # this thread can still limit and restore
        assert {each["num_threads"] for each in threadpool_info() if "blas" in each.values()} == {1}
    assert [each["num_threads"] for each in threadpool_info()] == before


@pytest.mark.parametrize(
    ("array", "error", "sentence"),
    [
        (np.ones((4, 4)), TypeError, "Expected a dask array, got a ndarray"),
        (dask.array.ones((2, 2, 4, 4)), ValueError, "Expected an image .* or a stack"),
    ],
)
def test_what_is_no_lazy_stack_is_refused(array, error, sentence, movie):
    with pytest.raises(error, match=sentence):
        transform_lazily(AdaptiveWiener().fit(movie), array)


@pytest.fixture(scope="module")
def cluster():
    # Nannies start workers by spawn: a fork would inherit the locks of torch's threads.
    with dask.config.set({"distributed.scheduler.allowed-failures": 5}):
        cluster = LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
        )
        with cluster, Client(cluster) as client:
            yield client


@pytest.mark.slow
def test_a_cluster_gives_the_same_and_gets_the_network_once(cluster, movie, hurried):
    denoiser = hurried(Noise2SR).fit(movie[0])
    frames = dask.array.from_array(np.concatenate([movie] * 2), chunks=(1, 32, 40))
    lazy = transform_lazily(denoiser, frames)
    denoised = lazy.compute(scheduler=cluster)
    np.testing.assert_array_equal(denoised[:6], denoiser.transform(movie))
    assert set(cluster.run(torch.get_num_threads).values()) == {1}


def test_a_movie_goes_from_file_to_file_on_a_cluster(cluster, movie, tmp_path, capsys):
    write_image(tmp_path / "noisy.tif", movie, Calibration((0.02, 0.02), "nm", 0.04))
    address = cluster.scheduler.address
    words = [tmp_path / "noisy.tif", "-o", tmp_path / "clean.zarr", "--method", "adaptivewiener"]
    words += ["--fit-frames", 2, "--scheduler", address]
    assert main(["denoise", *map(str, words)]) == 0
    denoised, calibration = read_image(tmp_path / "clean.zarr")
    expected = AdaptiveWiener().fit(movie[[0, -1]]).transform(movie)
    np.testing.assert_array_equal(denoised, expected)
    assert calibration == Calibration((0.02, 0.02), "nm", 0.04)
    assert sorted(os.listdir(tmp_path)) == ["clean.zarr", "noisy.tif"]
    assert "6 x 32 x 40, adaptivewiener" in capsys.readouterr().out
    with pytest.raises(ValueError, match=r"clean\.tif cannot be written by several workers"):
        denoise_on_cluster(
            AdaptiveWiener().fit(movie), tmp_path / "noisy.tif", tmp_path / "clean.tif", cluster
        )


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="SIGKILL is of POSIX")
def test_a_worker_that_is_killed_changes_nothing(cluster, hurried, rng):
    movie = rng.poisson(8, (16, 64, 64)).astype(np.float32)
    denoiser = hurried(Noise2SR, M=32).fit(movie[:1])
    lazy = transform_lazily(denoiser, dask.array.from_array(movie, chunks=(1, 64, 64)))
    future = cluster.compute(lazy)
    victim = wait_for_a_busy_worker(cluster, n_done=3)
    os.kill(victim, signal.SIGKILL)
    assert not future.done()
    denoised = future.result(timeout=120)
    np.testing.assert_array_equal(denoised, denoiser.transform(movie))
    assert victim not in cluster.run(os.getpid).values()


def wait_for_a_busy_worker(client, n_done):
    """Return the process of a worker that holds results of blocks that others wait for."""
    processes = client.run(os.getpid)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        held = {
            worker: sum("_transform" in str(key) for key in keys)
            for worker, keys in client.has_what().items()
        }
        if sum(held.values()) >= n_done:
            return processes[max(held, key=held.get)]
        time.sleep(0.01)
    raise TimeoutError("no block was done within a minute")
