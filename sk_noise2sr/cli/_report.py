"""Pages about results: one of a file, and an index of many."""

import contextlib
import os
import secrets
import shlex
from pathlib import Path

from ._inputs import read_record


def make_repeatable(denoiser, command):
    """Give a denoiser a seed where it has none, and return the command that makes its result again.

    Parameters
    ----------
    denoiser : BaseDenoiser
        Not fitted yet.
    command : list of str
        What was typed behind the name of the program.

    Returns
    -------
    list of str
        The same, with the seed.
    """
    if denoiser.get_params().get("random_state", 0) is not None:
        return command
    seed = secrets.randbelow(2**31)
    denoiser.set_params(random_state=seed)
    return [*command, "--random-state", str(seed)]


def write_report(path, source, outcome, provenance, command):
    """Write the page of a result, or of the first frame of a stack.

    Parameters
    ----------
    path : pathlib.Path
        The page.
    source : pathlib.Path
        The file, which gives the heading.
    outcome : Outcome
        The result.
    provenance : dict
        Its origin.
    command : list of str
        What was typed behind the name of the program.

    Returns
    -------
    list of str
        What not to trust, in sentences.
    """
    from ..noise import diagnose
    from ..report import save_report

    noisy, denoised, std = outcome.first()
    diagnosis = None
    with contextlib.suppress(ValueError):
        diagnosis = diagnose(noisy)
    evidence = outcome.first_evidence(diagnosis and diagnosis.noise)
    save_report(
        path,
        noisy,
        denoised,
        outcome.denoiser,
        title=source.name if outcome.denoised.ndim == 2 else f"{source.name}, first frame",
        calibration=outcome.record.calibration,
        diagnosis=diagnosis,
        evidence=evidence,
        std=std,
        provenance=provenance,
        command=shlex.join(["sk-noise2sr", *command]),
    )
    warnings = list(diagnosis.warnings) if diagnosis else []
    return [*warnings, evidence.summary()] if evidence and len(evidence.places) else warnings


def report_of(output):
    """Return the name of the page beside a result of a batch."""
    return output.with_name(f"{output.name}.html")


def thumbnails_of(noisy, denoised):
    """Return an image and its result in small; of stacks, the first frames."""
    from ..report import thumbnail

    return [thumbnail(image if image.ndim == 2 else image[0]) for image in (noisy, denoised)]


def write_index(path, lines, crop=None):
    """Write the index of a batch.

    Parameters
    ----------
    path : pathlib.Path
        The page.
    lines : list of dict
        What became of each file, as printed; with thumbnails of those that were made now.
    crop : tuple of two slice or None, default=None
        Which rows and columns of the sources.
    """
    from ..report import save_index

    save_index(path, [_entry(line, path.parent, crop) for line in lines])


def _entry(line, folder, crop):
    source, output = Path(line["input"]), Path(line["output"])
    entry = {"name": source.name, "status": line["status"], "words": line.get("error")}
    if "image" in line:
        entry["name"] += f", {line['image']}"
    entry["warnings"] = line.get("warnings", [])
    if line["status"] == "failed":
        return entry
    if report_of(output).exists():
        entry["report"] = os.path.relpath(report_of(output), folder)
    entry["thumbnails"] = line.get("thumbnails") or _read_thumbnails(source, output, line, crop)
    return entry


def _read_thumbnails(source, output, line, crop):
    """Return those of a result that was there before."""
    with contextlib.suppress(OSError, ValueError, MemoryError):
        noisy = read_record(source, line.get("image"), crop).data
        return thumbnails_of(noisy, read_record(output).data)
    return []
