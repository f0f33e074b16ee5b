"""JSON lines: read, append, and measure those that are missing."""

import json
import multiprocessing
import sys
from concurrent.futures import ProcessPoolExecutor

from .machine import provenance


def read_lines(path):
    """Return the finished lines of a file; one that a crash cut short is left out."""
    lines = []
    if path.exists():
        for text in path.read_text(encoding="utf8").splitlines():
            try:
                lines.append(json.loads(text))
            except json.JSONDecodeError:
                print(f"{path}: a broken line is left out", file=sys.stderr)
    return lines


def append_line(path, line):
    """Append a line; a broken one before it is closed first."""
    broken = path.exists() and path.stat().st_size and not path.read_bytes().endswith(b"\n")
    with path.open("a", encoding="utf8") as file:
        file.write(("\n" if broken else "") + json.dumps(line) + "\n")


def measure_missing(file, key, tasks, measure):
    """Append the lines that a file has not; say which measurements failed.

    Parameters
    ----------
    file : Path
        A file of JSON lines, which need not exist.
    key : tuple of str or callable
        The fields that make two lines the same measurement, or a function of a line.
    tasks : iterable of dict, or of list of dict
        Heads of lines; a list where one measurement serves several lines.
    measure : callable
        Maps a task, without the heads that are there, to the rest of a line or a list of those.
        It runs in a process of its own, whose peak memory is that of the task alone.

    Returns
    -------
    int
        How many measurements failed.
    """
    if isinstance(key, tuple):
        names = key
        key = lambda line: json.dumps([line.get(name) for name in names], sort_keys=True)  # noqa: E731
    done = {key(line) for line in read_lines(file)}
    failed = 0
    for task in tasks:
        heads = task if isinstance(task, list) else [task]
        missing = [head for head in heads if key(head) not in done]
        if not missing:
            continue
        try:
            lines = _alone(measure, missing if isinstance(task, list) else task)
        except (RuntimeError, ValueError, MemoryError, LookupError) as error:
            failed += 1
            print(f"{_shown(missing[0])} failed: {type(error).__name__}: {error}", file=sys.stderr)
            continue
        for head, line in zip(missing, lines, strict=True):
            kept = {name: value for name, value in head.items() if name != "path"}
            append_line(file, kept | line)
            done.add(key(head))
            print(_shown(kept | line), file=sys.stderr, flush=True)
    return failed


def _alone(measure, task):
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max_workers=1, mp_context=context) as pool:
        return pool.submit(_measured, measure, task).result()


def _measured(measure, task):
    lines = measure(task)
    return [line | provenance() for line in (lines if isinstance(lines, list) else [lines])]


def _shown(line):
    plain = {name: value for name, value in line.items() if isinstance(value, str | float | int)}
    names = [name for name in plain if name not in ("path", "version", "date", "threads", "device")]
    return {name: plain[name] for name in names}
