"""Kill dask workers while they denoise a movie, and see that the result is the same.

    python -m benchmarks.robustness.workers FILE.jsonl --kills 20

A movie goes from a file to a .zarr store on three processes of a local cluster. In each run one of
them is killed by SIGKILL at a random moment; its nanny starts another. The store has to be there,
whole, with the bits of a run without a cluster, and nothing beside it.
"""

import os
import random
import signal
import sys
import tempfile
import threading
import time
from pathlib import Path

import dask
import numpy as np
from distributed import Client, LocalCluster

from sk_noise2sr import AdaptiveWiener, datasets
from sk_noise2sr.io import read_image, write_image
from sk_noise2sr.lazy import denoise_on_cluster

from .._lib.arguments import make_parser
from .._lib.lines import append_line
from .._lib.machine import provenance

N_WORKERS, N_FRAMES, SIDE = 3, 24, 128


def main(argv=None):
    parser = make_parser(__doc__)
    parser.add_argument("--kills", type=int, default=20)
    arguments = parser.parse_args(argv)
    with dask.config.set({"distributed.scheduler.allowed-failures": 5}):
        cluster = LocalCluster(
            n_workers=N_WORKERS, threads_per_worker=1, processes=True, dashboard_address=None
        )
        with cluster, Client(cluster) as client, tempfile.TemporaryDirectory() as folder:
            line = {"benchmark": "workers"} | lost(client, Path(folder), arguments.kills)
    append_line(arguments.file, line | provenance())
    print(line, flush=True)


def lost(client, folder, n_kills):
    """Return how many runs lost a worker while they went on, and what came of them."""
    movie = np.random.default_rng(0).poisson(
        datasets.make_hrem((SIDE, SIDE), random_state=0)[0] * 9, (N_FRAMES, SIDE, SIDE)
    )
    write_image(folder / "noisy.npy", movie.astype(np.float32))
    estimator = AdaptiveWiener().fit(movie[0].astype(np.float32))
    expected = estimator.transform(movie.astype(np.float32))
    moments, counts = random.Random(0), {"in_time": 0, "identical": 0, "left_over": 0}
    work = lambda: denoise_on_cluster(  # noqa: E731
        estimator, folder / "noisy.npy", folder / "clean.zarr", client, overwrite=True
    )
    work()
    start = time.monotonic()
    work()
    usual = time.monotonic() - start
    for _ in range(n_kills):
        victim = moments.choice(processes(client))
        run = threading.Thread(target=work)
        run.start()
        run.join(moments.uniform(0, usual))
        counts["in_time"] += run.is_alive()
        os.kill(victim, signal.SIGKILL)
        run.join()
        counts["identical"] += np.array_equal(read_image(folder / "clean.zarr")[0], expected)
        counts["left_over"] += len(list(folder.iterdir())) - 2
        client.wait_for_workers(N_WORKERS)
    return {"runs": n_kills, **counts}


def processes(client):
    """Return the workers' processes; one that has just ended does not answer."""
    while True:
        try:
            return sorted(client.run(os.getpid, on_error="ignore").values())
        except (KeyError, OSError):  # it has left while the others were asked
            time.sleep(0.1)


if __name__ == "__main__":
    sys.exit(main())
