"""Time a grid search over stride and encoder on one image, and compare it with a loop by hand.

Prints a JSON line. Both look at the same simulated image of 256 x 256 pixels; the search has a
clean reference. The loop may be left out, as it takes as long as the search:

    python benchmarks/scores/grid_search.py --epochs 15 --jobs 2 [--no-loop] >> FILE.jsonl
"""

import argparse
import json
import sys
import time
from pathlib import Path

import numpy as np
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, ParameterGrid

from sk_noise2sr import Noise2SR, datasets
from sk_noise2sr.metrics import psnr, psnr_scorer
from sk_noise2sr.model_selection import WholeImage

sys.path.append(str(Path(__file__).parents[1] / "paper"))
from run import provenance

GRID = {"stride": [2, 3, 4], "encoder": ["compact", "restormer_compact"]}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=15)
    parser.add_argument("--side", type=int, default=256)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--loop", action=argparse.BooleanOptionalAction, default=True)
    arguments = parser.parse_args()
    clean, noisy = datasets.make_hrem((arguments.side, arguments.side), random_state=0)
    denoiser = Noise2SR(epochs=arguments.epochs, random_state=0, verbose=0)
    start = time.perf_counter()
    search = GridSearchCV(
        denoiser, GRID, scoring=psnr_scorer, cv=WholeImage(), n_jobs=arguments.jobs
    ).fit(noisy, clean)
    wall = time.perf_counter() - start
    scores = search.cv_results_["mean_test_score"].tolist()
    line = {
        "epochs": arguments.epochs,
        "side": arguments.side,
        "jobs": arguments.jobs,
        "wall": round(wall, 1),
        "fit_wall": search.cv_results_["mean_fit_time"].round(1).tolist(),
        "params": search.cv_results_["params"],
        "scores": scores,
        "best_params": search.best_params_,
        "best_score": float(search.best_score_),
    }
    if arguments.loop:
        by_hand = [fit_by_hand(denoiser, point, noisy, clean) for point in ParameterGrid(GRID)]
        differences = [abs(a - b) for a, b in zip(scores, by_hand, strict=True)]
        line["by_hand"] = by_hand
        line["largest_difference"] = max(differences)
        line["same_choice"] = int(np.argmax(by_hand)) == int(search.best_index_)
    print(json.dumps({**line, **provenance()}))


def fit_by_hand(denoiser, point, noisy, clean):
    """Return the PSNR of one point of the grid."""
    return psnr(clean, clone(denoiser).set_params(**point).fit(noisy).transform(noisy))


if __name__ == "__main__":
    main()
