"""Ideas for a better image, each tried alone: one JSON line an idea, image, level and seed.

    python benchmarks/quality/ideas.py FILE.jsonl --images DIR --levels 0.1,0.05,0.02 --seeds 0,1
    python benchmarks/quality/ideas.py FILE.jsonl --rst

All are compared with Noise2SR of the preset "fast" on the same noisy image; what the
package has by now is in both. The table has the gain over that in decibels, mean
and spread over the seeds, and the CPU seconds of one image. Lines that are there are skipped.
"""

import argparse
import json
import sys
import time
from collections import defaultdict
from functools import partial
from pathlib import Path

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).parents[1] / "paper"))
import run
from lines import append_line, read_lines
from table1 import show_markdown, show_rst

from sk_noise2sr import Noise2SR, datasets
from sk_noise2sr.compose import AnscombeTransformer, TransformedDenoiser
from sk_noise2sr.engine import RECIPES, CropSampler, train
from sk_noise2sr.filters import bm3d
from sk_noise2sr.grid._working_grid import WorkingGrid
from sk_noise2sr.io import read_image
from sk_noise2sr.metrics import psnr
from sk_noise2sr.networks import CompactUNet, DenoisingNetwork
from sk_noise2sr.noise import PoissonGaussian, estimate_noise
from sk_noise2sr.refine import CollaborativeFilter

KEY = ("idea", "image", "level", "seed")
_POOL = 16  # images, as they are and turned


def main(argv=None):
    """Measure what is not in the file yet, and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("file", type=Path, metavar="FILE.jsonl", help="lines, read and appended")
    parser.add_argument("--images", type=Path, help="folder of clean images")
    parser.add_argument("--levels", default="0.1,0.05,0.02", help="values of a, joined by commas")
    parser.add_argument("--seeds", default="0,1", help="seeds, joined by commas")
    parser.add_argument("--ideas", default=",".join(IDEAS), help="names, joined by commas")
    parser.add_argument("--epochs", type=int, default=20, help="length of a training")
    parser.add_argument("--rst", action="store_true", help="reStructuredText, for the docs")
    arguments = parser.parse_args(argv)
    done = {key_of(line) for line in read_lines(arguments.file)}
    for task in make_tasks(arguments) if arguments.images else []:
        if key_of(task) not in done:
            line = run.measure_alone(task, measure)
            append_line(arguments.file, line)
            print({n: line[n] for n in (*KEY, "psnr", "cpu")}, file=sys.stderr)
    (show_rst if arguments.rst else show_markdown)("Ideas", table(read_lines(arguments.file)))
    return 0


def make_tasks(arguments):
    """Yield what was asked for; all ideas for one noisy image before the next."""
    for seed in map(int, arguments.seeds.split(",")):
        for level in map(float, arguments.levels.split(",")):
            for path in run.images_in(arguments.images):
                for idea in arguments.ideas.split(","):
                    yield {
                        "idea": idea,
                        "image": path.name,
                        "level": level,
                        "seed": seed,
                        "path": str(path),
                        "epochs": arguments.epochs,
                    }


def key_of(line):
    """Return what makes two lines the same measurement."""
    return json.dumps([line[name] for name in KEY])


def measure(task):
    """Denoise one image by one idea."""
    clean = read_image(task["path"])[0].astype(float)
    noise = PoissonGaussian(task["level"], run.READOUT)
    noisy = noise.sample(clean, run.noise_generator(task))
    make = partial(
        Noise2SR.from_preset,
        "fast",
        epochs=task["epochs"],
        random_state=task["seed"],
        verbose=0,
    )
    cpu = time.process_time()
    denoised = IDEAS[task["idea"]][1](noisy, make)
    return {
        **{name: task[name] for name in KEY},
        "epochs": task["epochs"],
        "psnr": round(psnr(clean, denoised), 3),
        "noisy_psnr": round(psnr(clean, noisy), 3),
        "cpu": round(time.process_time() - cpu, 1),
        **run.provenance(),
    }


def with_parameters(noisy, make, **parameters):
    """Change hyperparameters."""
    return make(**parameters).fit_transform(noisy)


def stabilised(noisy, make):
    """Train on an image whose noise has the same strength everywhere: a weighted loss."""
    return TransformedDenoiser(AnscombeTransformer(), make()).fit_transform(noisy)


def of_networks(noisy, make, changes):
    """Average networks, and refine their mean."""
    results = [make(refine=False, **change).fit_transform(noisy) for change in changes]
    return refined(noisy, np.mean(results, axis=0))


def refined(noisy, guide):
    """Do what ``refine=True`` does, with any guide."""
    noise = estimate_noise(noisy[np.newaxis]).anscombe()
    collaborative = CollaborativeFilter.fit(noisy[np.newaxis], noise, "auto")
    return collaborative.denoise(noisy, guide=guide)  # images 1 and 2 can be binned


def by_bm3d(noisy, make):
    """Let the network guide Wiener's step of BM3D, where the package has non-local Bayes."""
    denoiser = make().fit(noisy)
    guide = denoiser.set_params(refine=False).transform(noisy)
    noise, grid = denoiser.filter_.anscombe, denoiser.filter_.grid
    stable, guided = (grid.prepare(noise.transform(x)[np.newaxis])[0] for x in (noisy, guide))
    sigma = 1 / (grid.scale * grid.binning)
    profile = "crystal" if grid.binning > 1 else "auto"
    filtered = grid.restore(bm3d(stable, sigma, guide=guided, profile=profile), noisy.shape)
    return (guide + noise.inverse_transform(filtered)) / 2


def refined_twice(noisy, make):
    """Let the refined image guide the filter once more."""
    return refined(noisy, make().fit_transform(noisy))


def from_simulations(noisy, make):
    """Start from the weights learned on simulated lattices of the same binning and noise."""
    estimate = estimate_noise(noisy[np.newaxis])
    noise = PoissonGaussian(estimate.a, estimate.b)
    grid = WorkingGrid.fit(noisy[np.newaxis], binning="auto", stride=2, standardize=True)
    scenes = [datasets.make_hrem((256, 256), random_state=seed)[0] for seed in range(4)]
    low, high = np.quantile(noisy, (0.3, 0.7))
    scenes = [low + (high - low) * (s - s.min()) / np.ptp(s) for s in scenes]
    lattices = np.stack(
        [noise.sample(scene, np.random.default_rng(n)) for n, scene in enumerate(scenes)]
    )
    denoiser = make(binning=grid.binning, warm_start=True).fit(lattices)
    return denoiser.fit(noisy).transform(noisy)


class TurnedNoise2SR(Noise2SR):
    """Train on the image turned by small angles too.

    A turn is three shears, each a phase in the Fourier transform of rows or columns. That is
    unitary: white noise stays white, and nothing is interpolated from neighbours.
    """

    def _make_crops(self, noisy, targets, reference, seed):
        generator = np.random.default_rng(seed)
        options = {
            "crop_size": self._crop_side(noisy.shape[-2:]),
            "side_multiple": self._side_multiple(),
            "batch_size": self.batch_size,
            "symmetries": self.symmetries,
        }
        samplers = [CropSampler(noisy, targets, seed=seed, **options)]
        for number in range(1, _POOL):
            image, inside = turned(noisy[0, 0].numpy(), generator.uniform(-0.1, 0.1))
            parts = (torch.from_numpy(part)[None, None] for part in (image, inside))
            samplers.append(CropSampler(*parts, seed=seed + number, **options))
        return _Pool(samplers, generator)


class _Pool:
    """Crops of several images of different maps of targets."""

    def __init__(self, samplers, generator):
        self.samplers, self.generator = samplers, generator
        self.noisy = samplers[0].noisy

    def batch(self, progress):
        return self.samplers[self.generator.integers(len(self.samplers))].batch(progress)


def turned(image, angle):
    """Return an image turned about its middle, and where it shows the image."""
    margin = min(image.shape) // 2
    wide = np.pad(image, margin, mode="symmetric").astype(float)
    for axis, slope in ((0, -np.tan(angle / 2)), (1, np.sin(angle)), (0, -np.tan(angle / 2))):
        wide = sheared(wide, slope) if axis == 0 else sheared(wide.T, slope).T
    rows, columns = (np.arange(side) - (side - 1) / 2 for side in image.shape)
    inside = np.ones(image.shape, dtype=bool)
    for sign in (-1, 1):
        down = np.cos(angle) * rows[:, None] + sign * np.sin(angle) * columns
        right = np.cos(angle) * columns - sign * np.sin(angle) * rows[:, None]
        inside &= (abs(down) <= rows[-1] - 2) & (abs(right) <= columns[-1] - 2)
    return wide[margin:-margin, margin:-margin].astype(np.float32), inside


def sheared(image, slope):
    """Shift each row by its distance from the middle times the slope."""
    height, width = image.shape
    shifts = slope * (np.arange(height) - (height - 1) / 2)
    phases = np.exp(-2j * np.pi * np.outer(shifts, np.fft.rfftfreq(width)))
    return np.fft.irfft(np.fft.rfft(image, axis=1) * phases, width, axis=1)


def with_turns(noisy, make):
    """Augment by small turns."""
    return TurnedNoise2SR(**make().get_params()).fit_transform(noisy)


def recorrupted(noisy, make, strength=2.0):
    """Learn from pairs made by noise added to one and taken from the other, on the fine grid.

    T. Pang et al., "Recorrupted-to-Recorrupted", CVPR 2021: y + s z and y - z / s have independent
    noise if that of y is normal and z has its strength. The network sees all pixels.
    """
    noise = estimate_noise(noisy[np.newaxis]).anscombe()
    stable = CollaborativeFilter.fit(noisy[np.newaxis], noise, "auto")
    grid, image = stable.grid, noise.transform(noisy)
    sigma = 1 / (grid.scale * grid.binning)
    prepared = torch.from_numpy(grid.prepare(image[np.newaxis]))[:, None]
    generator = torch.Generator().manual_seed(0)
    crops = CropSampler(
        prepared,
        torch.ones_like(prepared, dtype=bool),
        crop_size=64,
        side_multiple=4,
        batch_size=1,
        symmetries="dihedral",
        seed=0,
    )
    torch.manual_seed(0)
    network = DenoisingNetwork(CompactUNet(), torch.nn.Conv2d(16, 1, 1))

    def loss(batch):
        added = sigma * torch.randn(batch.noisy.shape, generator=generator)
        return (
            (network(batch.noisy + strength * added) - batch.noisy + added / strength) ** 2
        ).mean()

    n_steps = 40 * 2 * make().epochs
    trained = train(crops.batch, loss, RECIPES["cosine"](network, 3e-3), n_steps).network
    with torch.inference_mode():
        passes = [
            trained(prepared + strength * sigma * torch.randn(prepared.shape, generator=generator))
            for _ in range(32)
        ]
    mean = torch.stack(passes).mean(dim=0)[0, 0].numpy()
    return refined(noisy, noise.inverse_transform(grid.restore(mean, noisy.shape)))


IDEAS = {
    "default": ("as it is: preset fast", with_parameters),
    "no_refine": ("without the collaborative filter", partial(with_parameters, refine=False)),
    "bm3d": ("guides Wiener's step of BM3D, and the mean of both", by_bm3d),
    "refined_twice": ("the refined image guides the filter again", refined_twice),
    "stabilised": ("variance-stabilised, so weighted, loss", stabilised),
    "restormer": (
        "attention over channels",
        partial(with_parameters, encoder="restormer_compact"),
    ),
    "context": (
        "larger context: a level more",
        partial(with_parameters, encoder=lambda i, o: CompactUNet(i, o, n_levels=4)),
    ),
    "whole": ("larger context: whole images, no crops", partial(with_parameters, crop_size="full")),
    "strides": (
        "mean of strides 2 and 3",
        partial(of_networks, changes=[{"stride": 2}, {"stride": 3}]),
    ),
    "networks": (
        "mean of three networks",
        partial(of_networks, changes=[{"random_state": seed} for seed in (100, 101, 102)]),
    ),
    "snapshots": (
        "best weights by held-out pixels",
        partial(with_parameters, keep_best=True),
    ),
    "draws": ("four times the draws", partial(with_parameters, M=64)),
    "simulations": ("warm start from simulated lattices", from_simulations),
    "turns": ("small turns, unitary", with_turns),
    "recorrupted": ("recorrupted pairs instead of sub-sampling", recorrupted),
}


def table(lines):
    """Return the rows of the table: gains over the default on the same noisy image."""
    there = {json.dumps([line[n] for n in KEY[1:]]): line for line in lines if is_default(line)}
    groups = defaultdict(list)
    for line in lines:
        reference = there.get(json.dumps([line[n] for n in KEY[1:]]))
        if reference is not None:
            gain = line["psnr"] if is_default(line) else line["psnr"] - reference["psnr"]
            groups[line["idea"], line["image"], line["level"]].append((gain, line["cpu"]))
    columns = sorted({key[1:] for key in groups}, key=lambda c: (c[0], -c[1]))
    rows = [("idea", *(f"{Path(i).stem}, {level:g}" for i, level in columns), "CPU s")]
    for idea, (words, _) in IDEAS.items():
        cells = [groups.get((idea, *column)) for column in columns]
        if any(cells):
            seconds = np.mean([cpu for cell in cells if cell for _, cpu in cell])
            shown = [in_words(cell, idea == "default") for cell in cells]
            rows.append((words, *shown, f"{seconds:.0f}"))
    return rows


def is_default(line):
    """Return whether a line is what others are compared with."""
    return line["idea"] == "default"


def in_words(cell, absolute):
    """Return mean and spread over seeds."""
    if not cell:
        return ""
    gains = [gain for gain, _ in cell]
    spread = f" ± {np.std(gains):.2f}" if len(gains) > 1 else ""
    return f"{np.mean(gains):.2f}" if absolute else f"{np.mean(gains):+.2f}{spread}"


if __name__ == "__main__":
    sys.exit(main())
