"""Odd settings on small odd images: a fit works, or raises ValueError in one sentence.

    python -m benchmarks.robustness.fuzz_parameters FILE.jsonl --settings 3000

A setting takes one or two parameters of a denoiser or a step from a pool of valid and invalid
values. A line for each class: how often what came of it, and an example of what should not be.
"""

import inspect
import random
import signal
import sys
import warnings

import numpy as np
from sklearn.utils._param_validation import InvalidParameterError

from sk_noise2sr import Training, compose
from sk_noise2sr.engine import _fit

from .._lib.arguments import make_parser
from .._lib.lines import append_line
from .._lib.machine import provenance
from .._lib.methods import METHODS

POOL = (
    *(None, True, False, 0, 1, 2, 3, 5, 8, 64, -1, 10**12, 0.0, 1e-300, 0.3, 1.0, 1.7, 4.5, 1e300),
    *(-0.5, float("nan"), float("inf"), "auto", "estimate", "", "default", "x" * 1000, (), (0.5,)),
    *((0.1, 0.0), (1, 2, 3), [0.0, 1.0], {}, np.float32(2), np.int64(3), np.ones(2), object, len),
)
SHAPES = ((2, 2), (3, 17), (9, 9), (16, 24), (2, 11, 13), (33, 8))
QUICK = {"epochs": 1, "M": 2, "verbose": 0, "random_state": 0, "max_time": 1.0}
SECONDS = 8  # of the processor


class TooLong(BaseException):
    """Work that does not end."""


def stop(*_):
    raise TooLong


def main(argv=None):
    parser = make_parser(__doc__)
    parser.add_argument("--settings", type=int, default=3000, help="in all")
    arguments = parser.parse_args(argv)
    warnings.simplefilter("ignore")
    np.seterr(all="ignore")
    signal.signal(signal.SIGPROF, stop)
    _fit.CROPS_PER_EPOCH = 1
    classes = [*METHODS.values(), *steps()]
    for estimator_class in classes:
        line = {"benchmark": "fuzz_parameters", "class": estimator_class.__name__}
        line |= fuzz(estimator_class, arguments.settings // len(classes))
        append_line(arguments.file, line | provenance())
        print(line, flush=True)


def steps():
    names = ("AnscombeTransformer", "BackgroundNormalizer", "HotPixelFilter", "IntensityScaler")
    return [getattr(compose, name) for name in (*names, "ScanLineAligner", "ScanLineCorrector")]


def fuzz(estimator_class, n_settings):
    """Return counts of outcomes, and one example of each that should not be."""
    rng, counts, examples = random.Random(0), {}, {}
    for _ in range(n_settings):
        parameters = setting(estimator_class, rng)
        image = np.random.default_rng(0).poisson(9, rng.choice(SHAPES)).astype("float32")
        word = outcome(estimator_class, parameters, image)
        counts[word] = counts.get(word, 0) + 1
        if word.startswith("!"):
            examples[word] = f"{parameters} on {image.shape}"[:300]
    return {"outcomes": counts, "examples": examples}


def setting(estimator_class, rng):
    names = list(inspect.signature(estimator_class).parameters)
    quick = {name: value for name, value in QUICK.items() if name in names}
    if "training" in names:
        quick["training"] = Training(crop_size=8)
        names.remove("training")
        names += [f"training__{name}" for name in Training().get_params()]
    chosen = rng.sample(names, min(rng.choice((1, 1, 2)), len(names)))
    changed = {name: rng.choice(POOL) for name in chosen}
    return quick | changed


def outcome(estimator_class, parameters, image):
    """Return a word for what came of a fit; those that should not be begin with !."""
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        plain = {name: value for name, value in parameters.items() if "__" not in name}
        deep = {name: value for name, value in parameters.items() if "__" in name}
        estimator = estimator_class(**plain).set_params(**deep)
        target = image[..., ::-1] if getattr(estimator_class, "_needs_target", False) else None
        result = estimator.fit(image, target).transform(image)
        return "works" if result.shape == image.shape and np.isfinite(result).all() else "! result"
    except InvalidParameterError:
        return "invalid"
    except (ValueError, RuntimeError, MemoryError) as error:
        return "refused" if str(error).strip() else f"! no word ({type(error).__name__})"
    except TooLong:
        return "! does not end"
    except Exception as error:
        return f"! {type(error).__name__}"
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


if __name__ == "__main__":
    sys.exit(main())
