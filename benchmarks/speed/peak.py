"""How much of the machine's peak Noise2SR reaches, and what each idea for speed is worth alone.

    python -m benchmarks.speed.peak FILE.jsonl
    python -m benchmarks.speed.peak FILE.jsonl --rst

The peak is that of the product of two matrices, in float32. Training steps are those of the
default denoiser on a simulated binned image, on one thread; each variant changes one thing. All
take a few steps in turn, again and again, so that a machine that others use too slows all alike.
What counts are CPU seconds, of all threads and of a compiler. Time alone is measured, no quality.
"""

import os
import sys
import time
from functools import partial

import numpy as np
import torch
from torch.utils.flop_counter import FlopCounterMode

from sk_noise2sr import Noise2SR, datasets
from sk_noise2sr.engine import RECIPES, CropSampler, seeded_weights
from sk_noise2sr.grid import WorkingGrid
from sk_noise2sr.networks import CompactDecoder, make_super_resolution_network
from sk_noise2sr.samplers import RandomSubsampler
from sk_noise2sr.schemes import SuperResolution

from .._lib.arguments import make_parser
from .._lib.lines import append_line, read_lines
from .._lib.machine import provenance
from .._lib.tables import show

CROP = 128
SIDE = 640  # of the image, so that crops of 256 fit on its grid
STEPS, ROUNDS = 3, 7
PROGRESS = 0.5  # in the middle of a training


def main(argv=None):
    """Measure, keep the lines, and print the table."""
    parser = make_parser(__doc__)
    parser.add_argument("--rst", action="store_true", help="print what the file has, for the docs")
    parser.add_argument("--skip-compile", action="store_true", help="leave torch.compile out")
    arguments = parser.parse_args(argv)
    if not arguments.rst:
        skipped = {COMPILED} if arguments.skip_compile else set()
        for line in measure({name: VARIANTS[name] for name in VARIANTS if name not in skipped}):
            append_line(arguments.file, line | provenance())
    show("One training step", table(read_lines(arguments.file)), arguments.rst)
    return 0


def measure(variants):
    """Yield lines of the peak, of a transform, and of the training steps."""
    noisy = datasets.make_hrem((SIDE, SIDE), random_state=0)[1]
    peaks = {threads: peak(threads) for threads in (1, 2)}
    yield {"benchmark": "peak", "gflops": peaks}
    yield {"benchmark": "transform", **transform(noisy, peaks[1])}
    for line in training_steps(noisy, variants, peaks[1]):
        yield {"benchmark": "step", **line}


def cpu_seconds():
    """Return the CPU seconds of this process, and of compilers that it has run."""
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


def peak(threads, side=1536, repeats=8):
    """Return the best rate of a matrix product, in 1e9 operations a CPU second, of `threads`."""
    torch.set_num_threads(threads)
    left, right = torch.randn(2, side, side).unbind()
    rates = []
    for _ in range(repeats):
        start = time.process_time()
        left @ right
        rates.append(2 * side**3 / (time.process_time() - start) / 1e9)
    return round(max(rates), 1)


def transform(noisy, peak_rate):
    """Return the line of a transform: its operations, its CPU seconds, its share of the peak."""
    torch.set_num_threads(1)
    denoiser = Noise2SR(epochs=2, refine=False, n_threads=1, random_state=0, verbose=0).fit(noisy)
    with FlopCounterMode(display=False) as counter:
        denoiser.transform(noisy)
    rates = []
    for _ in range(ROUNDS):
        start = time.process_time()
        denoiser.transform(noisy)
        rates.append(time.process_time() - start)
    gflop = counter.get_total_flops() / 1e9
    seconds = float(np.median(rates))
    share = round(gflop / seconds / peak_rate, 3)
    return {
        "shape": noisy.shape,
        "gflop": round(gflop, 2),
        "cpu": round(seconds, 3),
        "share": share,
    }


def make_step(
    noisy,
    *,
    crop=CROP,
    batch=1,
    hidden=16,
    layout=torch.channels_last,
    compiled=False,
    bfloat16=False,
    average=True,
):
    """Return a function that takes one training step."""
    grid = WorkingGrid.fit(noisy[np.newaxis], binning="auto", stride=2, standardize=True)
    images = torch.from_numpy(grid.prepare(noisy[np.newaxis]))[:, None]
    crops = CropSampler(
        images,
        torch.ones_like(images, dtype=torch.bool),
        crop_size=crop,
        side_multiple=2,
        batch_size=batch,
        symmetries="dihedral",
        seed=0,
    )
    make = partial(make_super_resolution_network, "compact", 2, encoder_options={"n_levels": 3})
    network = seeded_weights(make, seed=0)
    network.decoder = CompactDecoder(16, 2, n_hidden=hidden)
    network = network.to(memory_format=layout)
    scheme = SuperResolution(make, RandomSubsampler(2), n_draws=1)
    recipe = RECIPES["cosine"](network, 3e-3)
    if not average:
        recipe._average.update_parameters = lambda network: None
    forward = torch.compile(network) if compiled else network

    def step():
        with torch.autocast("cpu", torch.bfloat16, enabled=bfloat16):
            loss = scheme.loss(forward, crops.batch(PROGRESS))
        recipe.step(loss, PROGRESS)

    return step


DEFAULT, COMPILED = "default", "torch.compile"
# What is changed, and the threads.
VARIANTS = {
    DEFAULT: ({}, 1),
    "two threads": ({}, 2),
    "channels first": ({"layout": torch.contiguous_format}, 1),
    COMPILED: ({"compiled": True}, 1),
    "bfloat16 autocast": ({"bfloat16": True}, 1),
    "no moving average": ({"average": False}, 1),
    "decoder of 8 channels": ({"hidden": 8}, 1),
    "decoder of 32 channels": ({"hidden": 32}, 1),
    "crops of 64": ({"crop": 64}, 1),
    "crops of 96": ({"crop": 96}, 1),
    "crops of 192": ({"crop": 192}, 1),
    "crops of 256": ({"crop": 256}, 1),
    "two crops a step": ({"batch": 2}, 1),
    "four crops a step": ({"batch": 4}, 1),
    "four crops of 64 a step": ({"crop": 64, "batch": 4}, 1),
}


def training_steps(noisy, variants, peak_rate):
    """Yield the lines of all variants, timed in turn."""
    steps, lines, seconds = {}, {}, {name: [] for name in variants}
    for name, (changes, threads) in variants.items():
        torch.set_num_threads(threads)
        steps[name] = make_step(noisy, **changes)
        start = cpu_seconds()
        steps[name]()
        lines[name] = {
            "variant": name,
            "threads": threads,
            "first": round(cpu_seconds() - start, 2),
            "gflop": round(operations(noisy, changes) / 1e9, 3),
            "crops": changes.get("batch", 1) * (changes.get("crop", CROP) / CROP) ** 2,
        }
    for _ in range(ROUNDS):
        for name, (_, threads) in variants.items():
            torch.set_num_threads(threads)
            start = time.process_time()
            for _ in range(STEPS):
                steps[name]()
            seconds[name].append((time.process_time() - start) / STEPS)
    for name, line in lines.items():
        cpu = float(np.median(seconds[name]))
        line["ms"] = round(1e3 * cpu, 2)
        line["spread"] = [round(1e3 * s, 2) for s in np.percentile(seconds[name], (25, 75))]
        # In turn: every round has a ratio of its own.
        ratios = np.array(seconds[name]) / line["crops"] / np.array(seconds[DEFAULT])
        line["ratio"] = round(float(np.median(ratios)), 3)
        line["share"] = round(line["gflop"] / cpu / peak_rate, 3)
        yield line


def operations(noisy, changes):
    """Return the operations of one step: two for each multiplication and addition."""
    step = make_step(noisy, **{name: changes[name] for name in changes if name != "compiled"})
    with FlopCounterMode(display=False) as counter:
        step()
    return counter.get_total_flops()


def table(lines):
    """Return the rows of the table: the last line of each variant."""
    head = "variant", "CPU ms a step", "quartiles", "at equal pixels", "share of peak", "first, s"
    rows = [head]
    for line in {line["variant"]: line for line in lines if line["benchmark"] == "step"}.values():
        low, high = line["spread"]
        rows.append(
            (
                line["variant"],
                f"{line['ms']:.1f}",
                f"{low:.1f} to {high:.1f}",
                f"{line['ratio']:.2f}",
                f"{100 * line['share']:.0f} %",
                f"{line['first']:.1f}",
            )
        )
    return rows


if __name__ == "__main__":
    sys.exit(main())
