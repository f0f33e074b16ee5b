"""Methods tried one after the other on one image, each with its row of figures."""

import math
import time

import numpy as np

from .._words import one_line
from ._channels import check_result
from ._table import chance_of, header, row, width_for
from ._task import is_interruption, whole_fits


def look_at(noisy, reference):
    """Return the facts of the noisy image; raise if it is no image."""
    from .._checks import as_stack, check_images
    from ..base import BaseDenoiser
    from ..grid import Mask
    from ..metrics import psnr, ssim
    from ..noise import estimate_noise

    stack = as_stack(check_images(BaseDenoiser(), noisy, reset=True, finite=False))
    facts = {"shape": list(noisy.shape), "noise_std": None}
    facts["correlation_by_chance"] = chance_of(np.count_nonzero(np.isfinite(stack)))
    try:
        masks = [Mask.find(image) for image in stack]
        filled = np.stack([mask.fill(image) for mask, image in zip(masks, stack, strict=True)])
        known = ~np.stack([mask.regions for mask in masks])
        noise_std = math.sqrt(estimate_noise(filled, valid=known).variance)
    except ValueError as error:  # too small or too flat to tell
        facts["noise_unknown"] = str(error)
    else:
        if noise_std > np.finfo(np.float32).eps * np.abs(filled).max():
            facts["noise_std"] = noise_std
        else:  # rounding
            facts["noise_unknown"] = "The image shows no noise."
    if reference is not None:
        facts["noisy"] = {"psnr": psnr(reference, noisy), "ssim": ssim(reference, noisy)}
    return facts


def run_all(denoisers, noisy, target, judges, facts):
    """Print the table as it grows; return its rows, and the images of what did not fail."""
    outcomes, results = [], {}
    width = width_for(denoisers)
    print(header(facts, width), flush=True)
    for name, denoiser in denoisers.items():
        given = target if denoiser._needs_target else None
        outcome, denoised = _try(name, denoiser, noisy, given, judges, facts["noise_std"])
        print(row(outcome, facts, width), flush=True)
        outcomes.append(outcome)
        if denoised is not None:
            results[name] = denoised
    return outcomes, results


def _try(name, denoiser, noisy, target, judges, noise_std):
    """Return a row of figures, and the result or None; a method that fails stops no other."""
    start = time.perf_counter()
    try:
        with whole_fits(force=True):  # a fit that was too short is a row, with its warning
            denoised = denoiser.fit_transform(noisy, target)
        check_result(denoiser, noisy, denoised)
        seconds = time.perf_counter() - start
        scores = _score(denoiser, noisy, denoised, judges, noise_std)
    except Exception as error:
        if is_interruption(error):
            raise
        return {"method": name, "error": one_line(error)}, None
    return {"method": name, "file": file_of(name), **scores, "seconds": seconds}, denoised


def _score(denoiser, noisy, denoised, judges, noise_std):
    """Return all figures of a result."""
    from ..base import BaseNetworkDenoiser
    from ..metrics import psnr, residual_whiteness, ssim

    reference, siblings = judges
    scores = {} if siblings is None else {"gain": siblings.gain(denoised)}
    if reference is not None:
        scores["psnr"], scores["ssim"] = psnr(reference, denoised), ssim(reference, denoised)
    elif isinstance(denoiser, BaseNetworkDenoiser) and denoiser.fit_.held_out:
        scores["held_out_score"] = denoiser.score(noisy)
    for name, attribute in (("binning", "binning_"), ("steps", "n_iter_")):
        if hasattr(denoiser, attribute):
            scores[name] = getattr(denoiser, attribute)
    known = np.isfinite(noisy) & ~denoiser.invalid_
    scores["residual_std"] = float(_residual(noisy, denoised, known).std())
    if noise_std:
        scores["residual_over_noise"] = scores["residual_std"] / noise_std
    scores["residual_correlation"] = residual_whiteness(np.where(known, noisy, np.nan), denoised)
    return scores


def _residual(noisy, denoised, known):
    """Return what was taken away of pixels that show the picture, in a row."""
    from .._checks import as_stack
    from ..grid import fill_outliers

    filled = np.where(known, noisy, np.mean(noisy, where=known)).astype(float)
    # Lone outliers are no noise: methods replace them first.
    return (fill_outliers(as_stack(filled)) - as_stack(denoised))[as_stack(known)]


def file_of(method):
    """Return the name of the file that holds the result of a method."""
    return f"{method.rpartition(':')[2].lower()}.tif"
