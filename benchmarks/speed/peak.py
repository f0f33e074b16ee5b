"""How much of the machine's peak a training step and a transform of Noise2SR reach.

    python -m benchmarks.speed.peak FILE.jsonl

The peak is that of the product of two matrices, in float32. Training steps are those of the default
denoiser on a simulated binned image, on one thread. Both memory layouts of the weights and several
crops take a few steps in turn, again and again, so that a machine that others use too slows all
alike. What counts are CPU seconds. Time alone is measured, no quality.
"""

import sys
import time
from functools import partial

import numpy as np
import torch
from torch.utils.flop_counter import FlopCounterMode

from sk_noise2sr import Noise2SR, datasets
from sk_noise2sr.engine import RECIPES, CropSampler, seeded_weights
from sk_noise2sr.grid import WorkingGrid
from sk_noise2sr.networks import make_super_resolution_network
from sk_noise2sr.samplers import RandomSubsampler
from sk_noise2sr.schemes import SuperResolution

from .._lib.arguments import make_parser
from .._lib.lines import append_line, read_lines
from .._lib.machine import provenance
from .._lib.tables import show

BATCH, CROP, SIDE = 2, 128, 640  # the side of the image, so that crops of 256 fit on its grid
STEPS, ROUNDS = 3, 7
DEFAULT = "default"
VARIANTS = {DEFAULT: {}, "channels first": {"layout": torch.contiguous_format}} | {
    f"{batch} x {crop} x {crop}": {"batch": batch, "crop": crop}
    for batch, crop in ((2, 64), (2, 96), (2, 192), (2, 256), (1, 128), (4, 128), (8, 64))
}
HEADER = ("variant", "CPU ms a step", "quartiles", "at equal pixels", "share of peak")


def main(argv=None):
    """Measure, keep the lines, and print the table."""
    parser = make_parser(__doc__)
    parser.add_argument("--rst", action="store_true", help="print what the file has, for the docs")
    arguments = parser.parse_args(argv)
    if not arguments.rst:
        torch.set_num_threads(1)
        noisy = datasets.make_hrem((SIDE, SIDE), random_state=0)[1]
        rate = peak()
        append_line(arguments.file, {"benchmark": "peak", "gflops": rate} | provenance())
        for line in (transform(noisy, rate), *training_steps(noisy, rate)):
            append_line(arguments.file, line | provenance())
    show("One training step", [HEADER, *rows(read_lines(arguments.file))], arguments.rst)
    return 0


def cpu_seconds(function):
    """Return the CPU seconds of a call."""
    start = time.process_time()
    function()
    return time.process_time() - start


def operations(function):
    """Return 1e9 operations of a call: two for each multiplication and addition."""
    with FlopCounterMode(display=False) as counter:
        function()
    return counter.get_total_flops() / 1e9


def peak(side=1536, repeats=8):
    """Return the best rate of a matrix product, in 1e9 operations a CPU second."""
    left, right = torch.randn(2, side, side).unbind()
    seconds = min(cpu_seconds(lambda: left @ right) for _ in range(repeats))
    return round(2 * side**3 / seconds / 1e9, 1)


def transform(noisy, rate):
    """Return the line of a transform: its operations, its CPU seconds, its share of the peak."""
    denoiser = Noise2SR(epochs=2, refine=False, n_threads=1, random_state=0, verbose=0).fit(noisy)
    run = partial(denoiser.transform, noisy)
    gflop, cpu = operations(run), float(np.median([cpu_seconds(run) for _ in range(ROUNDS)]))
    measured = {"gflop": round(gflop, 2), "cpu": round(cpu, 3)}
    share = round(gflop / cpu / rate, 3)
    return {"benchmark": "transform", "shape": noisy.shape, **measured, "share": share}


def make_step(noisy, crop=CROP, batch=BATCH, layout=torch.channels_last):
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
    network = seeded_weights(make, seed=0).to(memory_format=layout)
    scheme = SuperResolution(make, RandomSubsampler(2), n_draws=1)
    recipe = RECIPES["cosine"](network, 3e-3)
    return lambda: recipe.step(scheme.loss(network, crops.batch(0.5)), 0.5)


def training_steps(noisy, rate):
    """Yield the lines of all variants, timed in turn."""
    steps = {name: make_step(noisy, **changes) for name, changes in VARIANTS.items()}
    gflops = {name: operations(step) for name, step in steps.items()}
    seconds = {name: [] for name in steps}
    for _ in range(ROUNDS):
        for name, step in steps.items():
            seconds[name].append(
                cpu_seconds(lambda step=step: [step() for _ in range(STEPS)]) / STEPS
            )
    for name, changes in VARIANTS.items():
        cpu, pixels = float(np.median(seconds[name])), changes.get("batch", BATCH) / BATCH
        pixels *= (changes.get("crop", CROP) / CROP) ** 2
        ratios = np.divide(seconds[name], seconds[DEFAULT]) / pixels  # one for each round
        yield {
            "benchmark": "step",
            "variant": name,
            "gflop": round(gflops[name], 3),
            "ms": round(1e3 * cpu, 2),
            "spread": [round(1e3 * s, 2) for s in np.percentile(seconds[name], (25, 75))],
            "ratio": round(float(np.median(ratios)), 3),
            "share": round(gflops[name] / cpu / rate, 3),
        }


def rows(lines):
    """Yield the last line of each variant."""
    for line in {line["variant"]: line for line in lines if line["benchmark"] == "step"}.values():
        low, high = line["spread"]
        cells = f"{line['ms']:.1f}", f"{low:.1f} to {high:.1f}", f"{line['ratio']:.2f}"
        yield line["variant"], *cells, f"{100 * line['share']:.0f} %"


if __name__ == "__main__":
    sys.exit(main())
