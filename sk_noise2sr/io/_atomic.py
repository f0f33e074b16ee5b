"""Write a file as a whole, or not at all."""

import os
import platform
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

_PREFIX = f".sk_noise2sr-{re.sub('[^A-Za-z0-9]', '_', platform.node())}"


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a temporary name beside a file, which takes that file's place at the end.

    If the block raises, Ctrl-C included, the temporary file is removed and the
    old file stays as it was. The block may make a folder of that name too. What processes of this
    machine that were killed have left in the folder is removed.

    Parameters
    ----------
    path : pathlib.Path
        The file to write. Where it is a link, the file it points to.

    Yields
    ------
    temporary : pathlib.Path
        A new name in the same folder, with the same suffix.
    """
    path = path.resolve()
    # Not tempfile: its files are readable by their owner alone, and would stay so.
    _clear(path.parent)
    temporary = path.with_name(f"{_PREFIX}-{os.getpid()}-{uuid4().hex}{path.suffix}")
    aside = temporary.with_suffix(".old")
    try:
        yield temporary
        if path.is_dir():  # no system swaps folders that are not empty
            os.replace(path, aside)
        os.replace(temporary, path)
    finally:
        for rubbish in (temporary, aside):
            _remove(rubbish)


def _clear(folder):
    """Remove temporary files whose process is no more; an old result that was set aside stays."""
    if os.name != "posix":  # elsewhere a signal of 0 is none
        return
    for rubbish in folder.glob(f"{_PREFIX}-*"):
        number = rubbish.name.removeprefix(f"{_PREFIX}-").partition("-")[0]
        if number.isdecimal() and rubbish.suffix != ".old" and not _is_alive(int(number)):
            with suppress(OSError):  # another process may be faster
                _remove(rubbish)


def _is_alive(number):
    try:
        os.kill(number, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:  # of another user
        return True
    return True


def _remove(path):
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    path.unlink(missing_ok=True)
