"""One file in, one file out: what `denoise` does once, and its batches many times."""

import inspect
import time
import warnings
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from .._words import counted
from ._channels import fit_all
from ._inputs import read_mask, read_partner, read_record
from ._methods import takes_neighbours
from ._origin import origin
from ._trust import describe_maps, evidence_of, facts_of, maps_beside, write_maps


@dataclass
class Outcome:
    """What became of an image.

    Parameters
    ----------
    facts : dict
        ``shape``, ``binning`` and ``steps`` where there are any, and ``seconds``; and, for files
        beside the result, ``evidence`` and ``std``.
    record : ImageRecord
        The noisy image.
    denoised : ndarray of shape (height, width) or (n, height, width)
        The result.
    denoiser : BaseDenoiser
        What made it, fitted.
    invalid : ndarray of bool of that shape
        Pixels that are no picture, or were filled.
    std : ndarray of that shape, default=None
        Its standard errors.
    evidence : list of Evidence or None, default=None
        For each frame, where it departs from the image.
    """

    facts: dict
    record: object
    denoised: np.ndarray
    denoiser: object
    invalid: np.ndarray
    std: np.ndarray | None = None
    evidence: list | None = None

    def first(self):
        """Return the noisy image, result and standard errors, of a stack those of frame one."""
        images = (self.record.data, self.denoised, self.std)
        if self.denoised.ndim == 2:
            return images
        return tuple(None if each is None else each[0] for each in images)

    def first_evidence(self, noise=None):
        """Return where the first frame departs from its image, or None; `noise` may be known."""
        if self.evidence is None:
            invalid = self.invalid if self.invalid.ndim == 2 else self.invalid[0]
            return evidence_of(*self.first()[:2], invalid, noise)[0]
        return self.evidence[0]


def denoise_file(
    source,
    output,
    denoiser,
    *,
    target=None,
    mask=None,
    image=None,
    crop=None,
    overwrite=False,
    force=False,
    align_lines=False,
    evidence=False,
    error_bars=False,
    beside=None,
):
    """Read, denoise and write all or nothing; the result last, so that where it is, all is there.

    Parameters
    ----------
    source, output : pathlib.Path
        The files.
    denoiser : BaseDenoiser
        Fitted here.
    target : pathlib.Path or None, default=None
        For methods that learn from pairs.
    mask : pathlib.Path, "none" or None, default=None
        An image that is not 0 where the noisy one is no picture.
    image : str or None, default=None
        Which image of a file that holds several.
    crop : tuple of two slice or None, default=None
        Which rows and columns of it.
    overwrite : bool, default=False
        Whether `output` may be replaced.
    force : bool, default=False
        Whether what a fit that was too short made is written.
    align_lines : bool, default=False
        Whether the rows of a scan are moved back first.
    evidence, error_bars : bool, default=False
        Whether these maps are written beside the result.
    beside : callable or None, default=None
        Takes the outcome and its origin, and writes what else goes with it, such as its report.

    Returns
    -------
    Outcome
        What was made.
    """
    from ..io import check_target, together, write_image

    record = read_record(source, image, crop)
    reference = read_partner(target, record.data, source, crop)
    maps = maps_beside(output, evidence, error_bars)
    for path in (output, *maps.values()):
        check_target(path, overwrite=overwrite)
    over = read_mask(mask, record.data, source, crop)
    if align_lines:
        record = _aligned(record)
    outcome = denoise_record(record, denoiser, reference, over, force, evidence, error_bars)
    about = origin(outcome.denoiser, source, crop, align_lines, mask)
    denoised = outcome.denoised.astype("float32")
    with together():
        write_maps(maps, outcome, about, overwrite)
        if beside is not None:
            beside(outcome, about)
        write_image(output, denoised, overwrite=overwrite, record=record, provenance=about)
    return outcome


def _aligned(record):
    """Return an image whose rows are moved back; say so where that hardly pays."""
    from .._checks import as_stack
    from ..compose import ScanLineAligner
    from ..grid import find_row_shifts

    moved = ScanLineAligner().fit_transform(record.data)
    if not all(find_row_shifts(image).worth_moving for image in as_stack(record.data)):
        told = "No shift of the rows shows, or noise hides how far each is shifted: --align-lines "
        warnings.warn(f"{told}gains little here. Leave it out, or average scans.", stacklevel=2)
    return replace(record, data=moved)


def denoise_record(
    record, denoiser, target=None, mask="auto", force=False, evidence=False, error_bars=False
):
    """Denoise an image that was read.

    Parameters
    ----------
    record : ImageRecord
        The noisy image.
    denoiser : BaseDenoiser
        Fitted here.
    target : ndarray or None, default=None
        For methods that learn from pairs.
    mask : "auto", "none" or ndarray of bool, default="auto"
        As that of ``fit``.
    force : bool, default=False
        Whether the result of a fit that was too short will do.
    evidence, error_bars : bool, default=False
        Whether these are made.

    Returns
    -------
    Outcome
        What was made.
    """
    use_noise_of(record, denoiser)
    start = time.perf_counter()
    with whole_fits(force):
        denoised, std, invalid, denoiser = fit_all(record, denoiser, target, mask, error_bars)
    known = getattr(denoiser, "_known_noise", None)
    found = evidence_of(record.data, denoised, invalid, known) if evidence else None
    facts = _facts(denoiser, record.data.shape, start) | facts_of(found, std, invalid)
    return Outcome(facts, record, denoised, denoiser, invalid, std, found)


def denoise_movie(
    source, output, denoiser, *, n_frames, image=None, overwrite=False, client=None, verbose=1
):
    """Fit on a few frames of a movie, and denoise all, one at a time or on a cluster.

    Parameters
    ----------
    source, output : pathlib.Path
        The files.
    denoiser : BaseDenoiser
        Fitted here.
    n_frames : int
        How many frames to fit on, spread evenly over the movie; in a row, from its middle, where
        the denoiser has ``context``.
    image : str or None, default=None
        Which image of a file that holds several.
    overwrite : bool, default=False
        Whether `output` may be replaced.
    client : distributed.Client or None, default=None
        The cluster.
    verbose : int, default=1
        Whether a bar is shown, where the denoiser has no such parameter itself.

    Returns
    -------
    dict
        Facts, as those of :func:`denoise_file`.
    """
    from ..io import check_target, open_frames
    from ..lazy import denoise_frames, denoise_on_cluster

    check_target(output, overwrite=overwrite)
    start = time.perf_counter()
    with open_frames(source, image) as frames:
        shape = frames.shape
        use_noise_of(frames.record, denoiser)
        if getattr(denoiser, "context", 0):
            sample, following = _run_of(frames, n_frames), None
        else:
            sample, following = _sample(frames, n_frames, takes_neighbours(type(denoiser)))
    with whole_fits(force=False):
        denoiser.fit(sample, following)
    about = origin(denoiser, Path(source), fit_frames=n_frames)
    options = {"image": image, "overwrite": overwrite, "provenance": about}
    if client is None:
        verbose = getattr(denoiser, "verbose", verbose)
        denoise_frames(denoiser, source, output, verbose=verbose, **options)
    else:
        denoise_on_cluster(denoiser, source, output, client, **options)
    return _facts(denoiser, shape, start)


@contextmanager
def whole_fits(force):
    """Raise where a fit was interrupted and, but for `force`, where it was too short."""
    from sklearn.exceptions import ConvergenceWarning

    with warnings.catch_warnings():
        which = ".*[Ii]nterrupted" if force else ""
        warnings.filterwarnings("error", which, ConvergenceWarning)
        yield


def is_interruption(error):
    """Return whether an error is Ctrl-C, or the warning of a fit that Ctrl-C has ended."""
    warned = isinstance(error, Warning) and "nterrupted" in str(error)
    return warned or isinstance(error, KeyboardInterrupt)


def _run_of(frames, n_frames):
    """Return frames in a row from the middle of a movie, for a denoiser that looks along time."""
    n_frames = min(n_frames, len(frames))
    first = (len(frames) - n_frames) // 2
    return np.stack([frames[number] for number in range(first, first + n_frames)])


def _sample(frames, n_frames, with_next):
    """Return frames spread over a movie and, if they are asked for, those that follow them."""
    last = len(frames) - 1 - with_next
    if last < 0:
        raise ValueError("Expected a movie of two frames or more, to learn one from the next.")
    chosen = np.linspace(0, last, min(n_frames, last + 1)).round().astype(int)
    sample = np.stack([frames[number] for number in chosen])
    return sample, np.stack([frames[number + 1] for number in chosen]) if with_next else None


def use_noise_of(record, denoiser):
    """Set the noise of a denoiser to what a file declares, where the user has said nothing."""
    from ..io import read_noise

    pair = read_noise(record)
    default = inspect.signature(type(denoiser)).parameters.get("noise")
    if pair is None or default is None or denoiser.noise != default.default:
        return
    if tuple in denoiser._parameter_constraints["noise"]:
        denoiser.set_params(noise=pair)
    elif pair[0] == 0:  # one variance for all intensities
        denoiser.set_params(noise=pair[1] ** 2)


def _facts(denoiser, shape, start):
    facts = {"shape": list(shape)}
    for name, attribute in (("binning", "binning_"), ("steps", "n_iter_")):
        if hasattr(denoiser, attribute):
            facts[name] = getattr(denoiser, attribute)
    return {**facts, "seconds": round(time.perf_counter() - start, 3)}


def describe(facts, method):
    """Return facts in words: size, method, binning and steps where there are any, seconds."""
    words = [" x ".join(map(str, facts["shape"])), method]
    if "binning" in facts:
        words.append(f"binning {facts['binning']:g}")
    if "steps" in facts:
        words.append(counted(facts["steps"], "step"))
    return ", ".join([*words, f"{facts['seconds']:.1f} s", *describe_maps(facts)])
