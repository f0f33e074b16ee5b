"""Write a file as a whole, or not at all; and files that belong together, all or none."""

import os
import platform
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from errno import EDQUOT, EFBIG, ENOSPC
from pathlib import Path
from uuid import uuid4

_PREFIX = f".sk_noise2sr-{re.sub('[^A-Za-z0-9]', '_', platform.node())}"

_CUT_SHORT = re.compile(r"\d+ requested and \d+ written")  # NumPy, on a disk that is full
_WAITING: ContextVar[list | None] = ContextVar("waiting", default=None)


@contextmanager
def together() -> Iterator[None]:
    """Let the files that are written within take their places at the end, in that order.

    If the block raises, such as on a full disk, none does, and old files stay as they were.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> import numpy as np
    >>> from sk_noise2sr.io import together, write_image
    >>> with TemporaryDirectory() as folder:
    ...     try:
    ...         with together():
    ...             write_image(Path(folder, "frame.tif"), np.ones((4, 5)))
    ...             raise OSError("No space left on device")
    ...     except OSError:
    ...         print(list(Path(folder).iterdir()))
    []
    """
    waiting: list[tuple[Path, Path]] = []
    token = _WAITING.set(waiting)
    try:
        yield
        for temporary, path in waiting:
            _put(temporary, path)
    finally:
        _WAITING.reset(token)
        for temporary, _ in waiting:
            _remove(temporary)


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
    waiting = _WAITING.get()
    try:
        yield temporary
    except BaseException as error:
        _remove(temporary)
        why = _of_the_disk(error, temporary)
        if why:
            raise OSError(f"{path.name} cannot be written: {why}") from error
        raise
    if waiting is not None:
        waiting.append((temporary, path))
        return
    try:
        _put(temporary, path)
    finally:
        _remove(temporary)


def _put(temporary, path):
    """Let a file, or a folder, take the place of another."""
    aside = temporary.with_suffix(".old")
    try:
        if path.is_dir():  # no system swaps folders that are not empty
            os.replace(path, aside)
        os.replace(temporary, path)
    except OSError:
        if aside.exists():
            os.replace(aside, path)
        raise
    _remove(aside)


def _of_the_disk(error, temporary):
    """Return what a system, or NumPy for it, says of a file that it does not write, or None."""
    if not isinstance(error, OSError) or error.filename not in (None, str(temporary)):
        return None
    if _CUT_SHORT.search(str(error)):
        return "it was cut short; the disk is full, or the file too large for it."
    return error.errno and f"{error.strerror}."


def check_room(path: Path, n_bytes: int) -> None:
    """Raise OSError if a new file cannot have so many bytes, where the system tells."""
    if not hasattr(os, "posix_fallocate"):
        return
    try:
        with open(path, "wb") as file:
            os.posix_fallocate(file.fileno(), 0, n_bytes)
    except OSError as error:
        if error.errno in (ENOSPC, EFBIG, EDQUOT):
            raise
    finally:
        path.unlink(missing_ok=True)


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
