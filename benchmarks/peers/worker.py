"""Denoise one image by one peer; runs in the environment of the peer.

    python worker.py MODULE:FUNCTION NOISY.npy OUT.npy

Prints the CPU and wall-clock seconds of the call, the import of the peer left out, as JSON.
"""

import importlib
import json
import sys
import time

import numpy as np


def main(function, source, output):
    """Run a function on an image, write the result, and print the seconds."""
    module, _, name = function.partition(":")
    denoise = getattr(importlib.import_module(module), name)
    noisy = np.load(source)
    wall, cpu = time.perf_counter(), time.process_time()
    denoised = denoise(noisy)
    seconds = {"cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall}
    np.save(output, np.asarray(denoised, dtype=np.float32).reshape(noisy.shape))
    print(json.dumps({name: round(value, 2) for name, value in seconds.items()}))


if __name__ == "__main__":
    main(*sys.argv[1:])
