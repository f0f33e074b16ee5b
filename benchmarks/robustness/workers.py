"""Kill dask workers while they denoise a movie, and see that the result is the same.

    python -m benchmarks.robustness.workers FILE.jsonl --kills 20

A movie goes from a file to a .zarr store on two workers, processes of their own. In each run one of
them is killed by SIGKILL at a random moment, and another started. The store has to be there, whole,
with the bits of a run without a cluster, and nothing beside it.
"""

import random
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor, wait
from functools import partial
from pathlib import Path

import dask
import numpy as np
from distributed import Client, LocalCluster

from sk_noise2sr import AdaptiveWiener
from sk_noise2sr.io import read_image, write_image
from sk_noise2sr.lazy import denoise_on_cluster

from .._lib.arguments import make_parser
from .._lib.lines import append_line
from .._lib.machine import provenance

N_WORKERS, SHAPE = 2, (24, 64, 64)


def main(argv=None):
    parser = make_parser(__doc__)
    parser.add_argument("--kills", type=int, default=20)
    arguments = parser.parse_args(argv)
    with dask.config.set({"distributed.scheduler.allowed-failures": 5}):
        cluster = LocalCluster(n_workers=0, dashboard_address=None)
        with cluster, Client(cluster) as client, tempfile.TemporaryDirectory() as folder:
            line = {"benchmark": "workers"} | lost(client, Path(folder), arguments.kills)
    append_line(arguments.file, line | provenance())
    print(line, flush=True)


def lost(client, folder, n_kills):
    """Return how many runs lost a worker while they went on, and what came of them."""
    movie = np.random.default_rng(0).poisson(9, SHAPE).astype(np.float32)
    write_image(folder / "noisy.npy", movie)
    estimator = AdaptiveWiener().fit(movie[0])
    expected = estimator.transform(movie)
    workers = [start_worker(client) for _ in range(N_WORKERS)]
    client.wait_for_workers(N_WORKERS)
    work = partial(denoise_on_cluster, estimator, folder / "noisy.npy", client=client)
    usual = usual_seconds(work, folder)
    before = set(folder.iterdir())
    moments, counts = random.Random(0), {"in_time": 0, "failed": 0, "identical": 0}
    with ThreadPoolExecutor(1) as executor:
        for number in range(n_kills):
            target = folder / f"{number}.zarr"
            run = executor.submit(work, target)
            wait([run], moments.uniform(0, usual))
            counts["in_time"] += not run.done()
            kill_one(workers, moments)
            workers.append(start_worker(client))
            counts["failed"] += run.exception() is not None
            counts["identical"] += target.exists() and same(target, expected)
            client.wait_for_workers(N_WORKERS)
    for worker in workers:
        worker.kill()
        worker.wait()
    left_over = len(set(folder.iterdir()) - before) - n_kills
    return {"runs": n_kills, **counts, "left_over": left_over}


def usual_seconds(work, folder):
    """Return how long a run takes by the clock; the first one warms the workers up."""
    for name in ("first.zarr", "usual.zarr"):
        start = time.monotonic()
        work(folder / name)
    return time.monotonic() - start


def same(target, expected):
    return np.array_equal(read_image(target)[0], expected)


def start_worker(client):
    """Return a new worker's process."""
    words = [sys.executable, "-m", "distributed.cli.dask_worker", client.scheduler.address]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    return subprocess.Popen([*words, "--no-nanny", "--nthreads", "1", "--no-dashboard"], **quiet)


def kill_one(workers, moments):
    """Kill a worker by SIGKILL, and take it out of the list."""
    victim = workers.pop(moments.randrange(len(workers)))
    victim.kill()
    victim.wait()


if __name__ == "__main__":
    sys.exit(main())
