"""Many files: each by itself, those that fail stop no other, those that are done are skipped."""

import json
import sys
from pathlib import Path

from ._inputs import refuse_inputs
from ._task import denoise_file, describe


def pair_up(sources, folder, suffix, parser):
    """Return pairs of a file to read and one to write.

    Parameters
    ----------
    sources : list of pathlib.Path
        The files to read.
    folder : pathlib.Path
        Where to write.
    suffix : str or None
        Suffix of all files to write; None keeps that of the source where it can be written.
    parser : argparse.ArgumentParser
        Ends the program where two results would have one name, or a source would be overwritten.

    Returns
    -------
    list of (pathlib.Path, pathlib.Path)
        In the order of the sources.
    """
    pairs, taken = [], {}
    for source in sources:
        output = folder / f"{source.stem}{suffix or writable_suffix(source)}"
        other = taken.setdefault(output.name.lower(), source)
        if other is not source:
            parser.error(
                f"{other} and {source} would both become {output}; run them into two folders"
            )
        pairs.append((source, output))
    refuse_inputs([output for _, output in pairs], sources, parser)
    return pairs


def writable_suffix(source):
    """Return the suffix of a file if such files can be written, and .tif otherwise."""
    from ..io import check_target

    try:
        check_target(f"name{source.suffix}", overwrite=True)
    except ValueError:
        return ".tif"
    return source.suffix


def run_batch(pairs, denoiser, arguments):
    """Denoise all, print a line for each, and return the exit code.

    Parameters
    ----------
    pairs : list of (pathlib.Path, pathlib.Path)
        Files to read and to write.
    denoiser : BaseDenoiser
        Cloned for each file.
    arguments : argparse.Namespace
        ``resume``, ``force``, ``json``, ``jobs``, ``image`` and ``method``.

    Returns
    -------
    int
        0, or 1 if a file failed.
    """
    existing = [output for _, output in pairs if output.exists()]
    if existing and not (arguments.resume or arguments.force):
        raise FileExistsError(
            f"{existing[0]} exists; pass --resume to skip what is done, --force to do it again, "
            "or name another folder with -o"
        )
    for folder in {output.parent for _, output in pairs}:
        folder.mkdir(parents=True, exist_ok=True)
    counts = {"done": 0, "skipped": 0, "failed": 0}
    waiting = []
    for source, output in pairs:
        if arguments.resume and output.exists():
            _report(_line(source, output, "skipped"), arguments, counts)
        else:
            waiting.append((source, output))
    ended = None
    try:
        for line in _lines(waiting, denoiser, arguments):
            _report(line, arguments, counts)
    except KeyboardInterrupt:
        ended = "interrupted"
    rest = f"{counts['done']} done, {counts['skipped']} skipped"
    if counts["failed"]:
        ended = f"{counts['failed']} of {len(pairs)} files failed"
    if ended:
        print(f"sk-noise2sr: {ended}; {rest}", file=sys.stderr)
    return int(ended is not None)


def _lines(pairs, denoiser, arguments):
    """Yield a dict for each file, as soon as it is done."""
    jobs = min(arguments.jobs, len(pairs))
    # Whole paths: workers may be those of an earlier batch, started in another folder.
    work = [(number, *map(Path.absolute, pair)) for number, pair in enumerate(pairs)]
    if jobs < 2:
        for task in work:
            number, status, facts = _try(*task, denoiser, arguments)
            yield _line(*pairs[number], status, **facts)
        return
    from joblib import Parallel, delayed
    from joblib.externals.loky.process_executor import BrokenProcessPool

    if "verbose" in denoiser.get_params():
        denoiser.set_params(verbose=0)  # bars of several processes would write into one another
    tasks = (delayed(_try)(*task, denoiser, arguments) for task in work)
    missing = dict(enumerate(pairs))
    try:
        # loky starts fresh processes: a fork would inherit the locks of torch's threads.
        for number, status, facts in Parallel(
            jobs, backend="loky", return_as="generator_unordered"
        )(tasks):
            yield _line(*missing.pop(number), status, **facts)
    except BrokenProcessPool:
        reason = "a process was ended from outside, perhaps for want of memory; pass --resume"
        for source, output in missing.values():
            if output.exists() and not arguments.force:
                yield _line(source, output, "done")
            else:
                yield _line(source, output, "failed", error=reason)


def _try(number, source, output, denoiser, arguments):
    from sklearn.base import clone

    try:
        facts, _, _ = denoise_file(
            source, output, clone(denoiser), image=arguments.image, overwrite=arguments.force
        )
    except Warning:  # Ctrl-C
        raise KeyboardInterrupt from None
    except Exception as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        return number, "failed", {"error": reason}
    return number, "done", {"method": arguments.method, **facts}


def _line(source, output, status, **facts):
    return {"input": str(source), "output": str(output), "status": status, **facts}


def _report(line, arguments, counts):
    counts[line["status"]] += 1
    if arguments.json:
        print(json.dumps(line), flush=True)
    elif line["status"] == "failed":
        print(f"sk-noise2sr: {line['input']}: {line['error']}", file=sys.stderr)
    elif line["status"] == "skipped":
        print(f"{line['input']}: skipped, {line['output']} exists", flush=True)
    else:
        words = describe(line, line["method"]) if "method" in line else "done"
        print(f"{line['input']}: {words} -> {line['output']}", flush=True)
