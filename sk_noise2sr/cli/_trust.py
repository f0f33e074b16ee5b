"""Evidence maps and error bars of a result: made, counted, and written beside it."""

import contextlib

import numpy as np

from .._words import counted

_CONTENTS = {
    "evidence": "noisy minus denoised, summed over detail, in standard errors",
    "std": "standard error of each pixel of the denoised image",
}


def add_trust_arguments(parser):
    """Add the options that ask for maps beside the result."""
    parser.add_argument(
        "--evidence",
        action="store_true",
        help="count places where OUT leaves out or adds more than noise. The map, in standard "
        "errors, becomes OUT_evidence, and a panel of --picture",
    )
    parser.add_argument(
        "--error-bars",
        action="store_true",
        help="give each pixel a standard error by four more fits. It becomes OUT_std, and a panel "
        "of --picture and --report; what OUT has lost, it does not tell: see --evidence",
    )


def maps_beside(output, evidence, error_bars):
    """Return the files beside a result, by what they hold.

    Parameters
    ----------
    output : pathlib.Path
        The result.
    evidence, error_bars : bool
        What is asked for.

    Returns
    -------
    dict of str to pathlib.Path
        ``evidence`` and ``std``, as far as they are asked for.

    Examples
    --------
    >>> from pathlib import Path
    >>> maps_beside(Path("clean.tif"), True, False)["evidence"].name
    'clean_evidence.tif'
    """
    asked = {"evidence": evidence, "std": error_bars}
    return {
        kind: output.with_name(f"{output.stem}_{kind}{output.suffix}")
        for kind, wanted in asked.items()
        if wanted
    }


def write_maps(paths, outcome, about, overwrite):
    """Write the maps of a result, and note their names among its facts.

    Parameters
    ----------
    paths : dict of str to pathlib.Path
        Those of :func:`maps_beside`.
    outcome : Outcome
        The result.
    about : dict
        Origin of the result.
    overwrite : bool
        Whether files may be replaced.
    """
    from ..io import write_image

    for kind, path in paths.items():
        image = z_of(outcome) if kind == "evidence" else outcome.std
        content = about | {"content": _CONTENTS[kind]}
        write_image(
            path,
            image.astype("float32"),
            overwrite=overwrite,
            record=outcome.record,
            provenance=content,
        )
        outcome.facts[kind]["output"] = str(path)


def z_of(outcome):
    """Return the evidence map of an image or a stack; NaN where nothing can be told."""
    shape = outcome.denoised.shape[-2:]
    maps = [np.full(shape, np.nan) if each is None else each.z for each in outcome.evidence]
    return np.reshape(maps, outcome.denoised.shape)


def facts_of(evidence, std, invalid):
    """Return what the maps of a result say, in numbers.

    Parameters
    ----------
    evidence : list of Evidence or None
        Those of all frames, or None.
    std : ndarray or None
        Standard errors.
    invalid : ndarray of bool of that shape
        Pixels to leave out.

    Returns
    -------
    dict
        ``evidence`` with the number of places, ``std`` with the median, as far as there are any.
    """
    facts = {}
    if evidence is not None:
        compared = [each.places["z"] for each in evidence if each is not None]
        z = np.concatenate([[], *compared])
        facts["evidence"] = {
            "places": len(z),
            "too_little": int(np.sum(z > 0)),
            "too_much": int(np.sum(z < 0)),
            "compared": bool(compared),
        }
    if std is not None:
        facts["std"] = {"median": float(np.median(std[~invalid] if not invalid.all() else std))}
    return facts


def evidence_of(noisy, denoised, invalid, noise=None):
    """Compare a result with its image, frame by frame.

    Parameters
    ----------
    noisy, denoised : ndarray of shape (height, width) or (n, height, width)
        The images.
    invalid : ndarray of bool of that shape
        Pixels that are no picture, or were filled.
    noise : NoiseEstimate, pair of float or None, default=None
        The noise, if it is known; ``(a, b)`` as a user gives it.

    Returns
    -------
    list of Evidence or None
        For each frame; None where there is no noise to compare with.
    """
    from .._checks import as_stack
    from ..trust import evidence_map

    found = []
    hidden = as_stack(np.where(invalid, np.nan, noisy))
    for image, result in zip(hidden, as_stack(denoised), strict=True):
        found.append(None)
        with contextlib.suppress(ValueError):
            found[-1] = evidence_map(image, result, noise)
    return found


def with_error_bars(denoiser):
    """Return a denoiser that tells standard errors, by refits of its seed, or of 0."""
    from ..trust import ErrorBars

    known = denoiser.get_params()
    return ErrorBars(
        denoiser, random_state=known.get("random_state", 0), verbose=known.get("verbose", 1)
    )


def describe_maps(facts):
    """Return, in words, what the maps of a result say; an empty list if there are none."""
    words = []
    if "evidence" in facts:
        found = facts["evidence"]
        words.append(
            f"{counted(found['places'], 'significant place')} ({found['too_little']} shown too "
            f"little, {found['too_much']} too much)"
            if found["compared"]
            else "no noise to compare with"
        )
    if "std" in facts:
        words.append(f"standard error {facts['std']['median']:.3g} in the median")
    return words


def outputs_in(facts):
    """Return the names of all files of a result, the result first, joined by commas."""
    maps = (facts[kind]["output"] for kind in _CONTENTS if "output" in facts.get(kind, ()))
    return ", ".join([str(facts["output"]), *maps])
