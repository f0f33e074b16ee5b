"""Many files: each by itself, those that fail stop no other, those that are done are skipped."""

import json
import os
from itertools import chain
from operator import itemgetter

from .._words import counted, one_line
from ._pair_up import maps_of
from ._report import report_of, thumbnails_of, write_index, write_report
from ._resume import keeps_notes, why_again
from ._say import complain, naming_warnings, say
from ._task import denoise_file, denoise_movie, describe, is_interruption
from ._trust import outputs_in


def run_batch(work, denoiser, arguments):
    """Denoise all, print a line for each, and return the exit code.

    Parameters
    ----------
    work : list of (pathlib.Path, str or None, pathlib.Path)
        Files to read, which image of them, and files to write.
    denoiser : BaseDenoiser
        Cloned for each file.
    arguments : argparse.Namespace
        ``resume``, ``force``, ``json``, ``jobs``, ``fit_frames``, ``report``, ``evidence``,
        ``error_bars`` and ``method``.

    Returns
    -------
    int
        0, or 1 if a file failed.
    """
    outputs = [output for *_, output in work]
    if not (arguments.resume or arguments.force):
        _refuse_existing(outputs, arguments)
    for folder in {output.parent for output in outputs}:
        folder.mkdir(parents=True, exist_ok=True)
    counts = {"done": 0, "skipped": 0, "failed": 0}
    again, done = {}, set()
    if arguments.resume:
        again = _find_outdated(work, denoiser, arguments)
        done = set(filter(os.path.lexists, outputs)) - again.keys()
    waiting, told = [], []
    for task in work:
        if task[-1] in done:
            told.append(_line(*task, "skipped"))
            _tell(told[-1], arguments, counts)
        else:
            waiting.append(task)
    ended = None
    try:
        for line in _lines(waiting, denoiser, arguments, again):
            told.append(line)
            _tell(line, arguments, counts)
    except KeyboardInterrupt:
        ended = "interrupted"
    if arguments.report:
        told.sort(key=itemgetter("input", "output"))
        write_index(arguments.report, told, arguments.crop)
    rest = f"{counts['done']} done, {counts['skipped']} skipped"
    if counts["failed"]:
        ended = f"{counts['failed']} of {counted(len(work), 'file')} failed"
    if ended:
        complain(f"{ended}; {rest}")
    return int(ended is not None)


def _refuse_existing(outputs, arguments):
    """Raise if a result, or a file beside it, is there already."""
    pages = map(report_of, outputs) if arguments.report else []
    maps = (path for output in outputs for path in maps_of(output, arguments))
    there = next(filter(os.path.lexists, chain(outputs, pages, maps)), None)
    if there is not None:
        raise FileExistsError(
            f"{there} exists; pass --resume to skip what is done, --force to do it again, or name "
            "another folder with -o"
        )


def _find_outdated(work, denoiser, arguments):
    """Return which results are made again and why, and say so."""
    again = {}
    for source, _, output in work:
        files = [output, *maps_of(output, arguments)]
        pages = [report_of(output)] if arguments.report else []
        if any(map(os.path.lexists, files)):
            reasons = (_why(source, file, denoiser, arguments) for file in files)
            missing = (f"{page} is missing" for page in pages if not page.exists())
            again[output] = next(filter(None, chain(reasons, missing)), None)
    again = {output: reason for output, reason in again.items() if reason}
    for reason in again.values():
        complain(f"{reason}; it is made again")
    return again


def _why(source, file, denoiser, arguments):
    """Return why a file is made again, in words, or None."""
    if not os.path.lexists(file):
        return f"{file} is missing"
    asked = {name: getattr(arguments, name) for name in ("crop", "mask", "fit_frames")}
    reason = why_again(source, file, denoiser, **asked)
    return reason and f"{file} {reason}"


def _lines(work, denoiser, arguments, again):
    """Yield a dict for each file, as soon as it is done."""
    overwrite = [arguments.force or output in again for *_, output in work]
    jobs = min(arguments.jobs, len(work))
    if jobs < 2:
        for number, task in enumerate(work):
            _, status, facts = _try(number, *task, denoiser, arguments, overwrite[number])
            yield _line(*task, status, **facts)
        return
    from joblib import Parallel, delayed
    from joblib.externals.loky import get_reusable_executor
    from joblib.externals.loky.process_executor import BrokenProcessPool

    if "verbose" in denoiser.get_params():
        denoiser.set_params(verbose=0)  # bars of several processes would write into one another
    # Workers of an earlier batch may stand in another folder, where no method of one's own is.
    get_reusable_executor(reuse=True).shutdown()
    tasks = (
        delayed(_try)(number, *task, denoiser, arguments, overwrite[number])
        for number, task in enumerate(work)
    )
    missing = dict(enumerate(work))
    try:
        # loky starts fresh processes: a fork would inherit the locks of torch's threads.
        for number, status, facts in Parallel(
            jobs, backend="loky", return_as="generator_unordered"
        )(tasks):
            task = missing.pop(number)
            yield _line(*task, status, **facts)
    except BrokenProcessPool:
        reason = "a process was ended from outside, perhaps for want of memory; pass --resume"
        for number, task in missing.items():
            if task[-1].exists() and not overwrite[number]:
                yield _line(*task, "done")
            else:
                yield _line(*task, "failed", error=reason)


def _try(number, source, image, output, denoiser, arguments, overwrite):
    from sklearn.base import clone

    options = {"image": image, "overwrite": overwrite}
    denoise = _denoise_movie if arguments.fit_frames else _denoise_one
    try:
        with naming_warnings(source):
            facts = denoise(source, output, clone(denoiser), arguments, options)
    except FileExistsError as error:  # there was none when the batch began
        if arguments.resume and output.exists():
            return number, "skipped", {}
        name = str(error).partition(" exists")[0]
        why = f"{name} has appeared since the batch began, perhaps by another; pass --resume"
        return number, "failed", {"error": why}
    except Exception as error:
        if is_interruption(error):
            raise KeyboardInterrupt from None
        return number, "failed", {"error": one_line(error)}
    return number, "done", {"method": arguments.method, **facts}


def _denoise_movie(source, output, denoiser, arguments, options):
    """Denoise a movie frame by frame."""
    options |= {"n_frames": arguments.fit_frames, "verbose": int(arguments.jobs < 2)}
    return denoise_movie(source, output, denoiser, **options)


def _denoise_one(source, output, denoiser, arguments, options):
    """Denoise a file, and write its page if one is asked for."""
    names = ("crop", "mask", "force", "evidence", "error_bars")
    options |= {name: getattr(arguments, name) for name in names}
    page = report_of(output)

    def beside(outcome, about):
        warnings = write_report(page, source, outcome, about, arguments.words)
        thumbnails = thumbnails_of(outcome.record.data, outcome.denoised)
        outcome.facts |= {"report": str(page), "warnings": warnings, "thumbnails": thumbnails}

    options["beside"] = beside if arguments.report else None
    return denoise_file(source, output, denoiser, **options).facts


def _line(source, image, output, status, **facts):
    about = {} if image is None else {"image": image}
    return {"input": str(source), **about, "output": str(output), "status": status, **facts}


def _tell(line, arguments, counts):
    """Count what became of a file, and print it."""
    counts[line["status"]] += 1
    if arguments.json:
        shown = {name: value for name, value in line.items() if name != "thumbnails"}
        say(json.dumps(shown))
    elif line["status"] == "failed":
        complain(f"{line['input']}: {line['error']}")
    elif line["status"] == "skipped":
        blind = "" if keeps_notes(line["output"]) else "; files of its kind do not tell how made"
        say(f"{line['input']}: skipped, {line['output']} exists{blind}")
    else:
        words = describe(line, line["method"]) if "method" in line else "done"
        say(f"{line['input']}: {words} -> {outputs_in(line)}")
