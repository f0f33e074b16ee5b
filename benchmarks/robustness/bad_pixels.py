"""What pixels that are no picture cost: errors over those of the same pixels without the fault.

    python -m benchmarks.robustness.bad_pixels FILE.jsonl --kinds regions pixels columns frames time

One line a fault, scene and method. Errors are summed over the draws before they are divided. A line
"border" stands beside the regions: the same picture, cut off where nothing is masked.
"""

import sys
import time
import warnings
from functools import partial

import numpy as np
from scipy.ndimage import distance_transform_edt

from sk_noise2sr import VSTBM3D, AdaptiveWiener, Noise2SR, datasets
from sk_noise2sr.grid import Mask

from .._lib.arguments import make_parser
from .._lib.lines import append_line
from .._lib.machine import provenance

RIM, BESIDE = 4, 2  # pixels around a region, and around bad pixels
SHARES = (0.0005, 0.001, 0.005, 0.01, 0.02)
TIMED_SIDE = 256


def main(argv=None):
    parser = make_parser(__doc__)
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=list(KINDS))
    parser.add_argument("--methods", nargs="+", choices=METHODS, default=["vstbm3d"])
    parser.add_argument("--draws", type=int, default=3)
    parser.add_argument("--side", type=int, default=128)
    parser.add_argument("--epochs", type=int, default=10)
    arguments = parser.parse_args(argv)
    warnings.simplefilter("ignore", UserWarning)
    for kind in arguments.kinds:
        for method in arguments.methods:
            make = METHODS[method](arguments)
            about = {"benchmark": "bad_pixels", "kind": kind, "method": method}
            about |= {"side": arguments.side, "draws": arguments.draws, "epochs": arguments.epochs}
            for line in KINDS[kind](make, arguments):
                append_line(arguments.file, about | line | provenance())
                print(line, flush=True)


METHODS = {
    "vstbm3d": lambda _: partial(VSTBM3D, refine=False),
    "adaptivewiener": lambda _: AdaptiveWiener,
    "noise2sr": lambda words: partial(
        Noise2SR, epochs=words.epochs, random_state=0, n_threads=1, verbose=0
    ),
}
SCENES = {"hrem": datasets.make_hrem, "te": partial(datasets.make_stem, "te")}


def draw(scene, side, seed, **how):
    return (image.astype(float) for image in SCENES[scene]((side, side), random_state=seed, **how))


def shapes(side):
    """Return masks of what lies over pictures."""
    rows, columns = np.mgrid[:side, :side] / side
    disc = lambda row, column, radius: np.hypot(rows - row, columns - column) < radius  # noqa: E731
    return {
        "bar": (abs(rows - 0.87) < 0.024) & (columns > 0.15) & (columns < 0.55),
        "aperture": ~disc(0.5, 0.5, 0.453),
        "rotated": abs((rows - 0.5) * 0.98 + (columns - 0.5) * 0.17) > 0.406,
        "letterbox": abs(rows - 0.5) > 0.39,
        "disc": disc(0.23, 0.7, 0.07),
    }


def ratios(pairs):
    """Return ratios of summed errors, from (clean, control, result, parts) of several draws."""
    total = {}
    for clean, control, result, parts in pairs:
        for name, where in parts.items():
            both = [np.sum((image - clean)[where] ** 2) for image in (result, control)]
            total[name] = total.get(name, 0) + np.array(both)
    return {name: round(float(own / usual), 3) for name, (own, usual) in total.items()}


def regions(make, words):
    for scene in SCENES:
        images = [tuple(draw(scene, words.side, seed)) for seed in range(words.draws)]
        controls = [make().fit_transform(noisy) for _, noisy in images]
        for name, over in shapes(words.side).items():
            far = distance_transform_edt(~over)
            parts = {"rim": (far > 0) & (far <= RIM), "beyond": far > RIM}
            pairs, same = [], True
            for (clean, noisy), control in zip(images, controls, strict=True):
                result = make().fit_transform(np.where(over, 300.0, noisy))
                same &= bool((result[over] == 300).all())
                pairs.append((clean, control, result, parts))
            yield {"scene": scene, "fault": name, **ratios(pairs), "bits": same}
        yield {"scene": scene, "fault": "border", **_border(make, images, controls)}


def _border(make, images, controls):
    """Return what a border of the image costs that cuts a quarter of it off."""
    pairs = []
    for (clean, noisy), control in zip(images, controls, strict=True):
        kept = np.s_[:, : 3 * noisy.shape[1] // 4]
        rim = np.zeros(noisy[kept].shape, dtype=bool)
        rim[:, -RIM:] = True
        parts = {"rim": rim, "beyond": ~rim}
        pairs.append((clean[kept], control[kept], make().fit_transform(noisy[kept]), parts))
    return ratios(pairs)


def pixels(make, words):
    for scene in SCENES:
        images = [tuple(draw(scene, words.side, seed)) for seed in range(words.draws)]
        controls = [make().fit_transform(noisy) for _, noisy in images]
        for share in SHARES:
            for cluster in (1, 2):
                pairs, found, bad_ones, false, drift = [], 0, 0, 0, []
                for seed, ((clean, noisy), control) in enumerate(
                    zip(images, controls, strict=True)
                ):
                    spoilt, bad = _with_bad_pixels(noisy, share, cluster, seed)
                    denoiser = make().fit(spoilt)
                    result = denoiser.transform(spoilt)
                    found += int((denoiser.invalid_ & bad).sum())
                    false += int((denoiser.invalid_ & ~bad).sum())
                    bad_ones += int(bad.sum())
                    drift.append(abs(result.mean() / control.mean() - 1))
                    far = distance_transform_edt(~bad) > BESIDE
                    pairs.append((clean, control, result, {"beyond": far}))
                yield {"scene": scene, "share": share, "cluster": cluster, **ratios(pairs),
                       "found": round(found / bad_ones, 3), "false": false,
                       "brightness": round(float(max(drift)), 5)}  # fmt: skip


def _with_bad_pixels(noisy, share, cluster, seed):
    """Return an image with hot and dead pixels 40 deviations off, and where they are."""
    rng = np.random.default_rng(seed)
    corner = rng.random(noisy.shape) < share / cluster**2
    height = np.where(corner, rng.choice([-1.0, 1.0], noisy.shape), 0.0)
    height = sum(
        np.roll(height, (row, column), (0, 1)) for row, column in np.ndindex(cluster, cluster)
    )
    return noisy + 40 * noisy.std() * np.clip(height, -1, 1), height != 0


def columns(make, words):
    for scene in SCENES:
        pairs, found = [], []
        for seed in range(words.draws):
            clean, noisy = draw(scene, words.side, seed)
            dead = np.zeros(noisy.shape, dtype=bool)
            dead[:, words.side // 2 : words.side // 2 + 3] = True
            denoiser = make().fit(np.where(dead, 0.0, noisy))
            result, control = (
                denoiser.transform(np.where(dead, 0.0, noisy)),
                make().fit_transform(noisy),
            )
            found.append(float(denoiser.invalid_[dead].mean()))
            far = distance_transform_edt(~dead) > BESIDE
            pairs.append((clean, control, result, {"filled": dead, "beyond": far}))
        yield {"scene": scene, **ratios(pairs), "found": round(min(found), 3)}


def frames(make, words):
    images = [tuple(draw("te", words.side, seed)) for seed in range(3)]
    gains = np.array([1.0, 1000.0, 30.0])
    stacks = {
        "gain": [(gain * c, gain * n) for gain, (c, n) in zip(gains, images, strict=True)],
        "offset": [(c + 100 * i, n + 100 * i) for i, (c, n) in enumerate(images)],
        "fading": [(g * c, g * n) for g, (c, n) in zip((1, 0.6, 0.2), images, strict=True)],
        "doses": [_at_dose(dose, words.side, seed) for seed, dose in enumerate((1, 0.1, 0.02))],
    }
    for name, pairs in stacks.items():
        clean, noisy = (np.stack(each) for each in zip(*pairs, strict=True))
        denoiser = make().fit(noisy)
        together = denoiser.transform(noisy)
        alone = np.stack([make().fit_transform(frame) for frame in noisy])
        errors = [((each - clean) ** 2).mean(axis=(1, 2)) for each in (together, alone)]
        lost = 10 * np.log10(errors[0] / errors[1])
        line = {"fault": name, "lost_db": np.round(lost, 2).tolist()}
        if hasattr(denoiser, "fit_"):
            line["networks"] = len(denoiser.fit_.each)
        yield line


def _at_dose(dose, side, seed):
    return (dose * image for image in draw("te", side, seed, dose=2000.0 * dose))


def seconds(make, words):
    """Yield what the search costs: the default against "none", the fastest of five."""
    _, noisy = draw("hrem", TIMED_SIDE, 0)
    results, times = {}, {}
    for mask in ("auto", "none"):
        results[mask], times[mask] = _timed(
            lambda mask=mask: make().fit_transform(noisy, mask=mask), 1
        )
    _, search = _timed(lambda: Mask.find(noisy), 5)
    yield {"timed_side": TIMED_SIDE, "cpu_s": round(times["none"], 3),
           "search_cpu_s": round(search, 4), "share": round(2 * search / times["none"], 4),
           "same_bits": bool(np.array_equal(*results.values()))}  # fmt: skip


def _timed(call, repeats):
    spent = []
    for _ in range(repeats):
        start = time.process_time()
        result = call()
        spent.append(time.process_time() - start)
    return result, min(spent)


KINDS = {
    "regions": regions,
    "pixels": pixels,
    "columns": columns,
    "frames": frames,
    "time": seconds,
}


if __name__ == "__main__":
    sys.exit(main())
