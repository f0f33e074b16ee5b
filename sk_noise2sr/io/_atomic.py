"""Write a file as a whole, or not at all."""

import os
import shutil
from contextlib import contextmanager
from uuid import uuid4


@contextmanager
def replacing(path):
    """Yield a temporary name beside a file, which takes that file's place at the end.

    If the block raises, Ctrl-C included, the temporary file is removed and the
    old file stays as it was. The block may make a folder of that name too.

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
    temporary = path.with_name(f".sk_noise2sr-{uuid4().hex}{path.suffix}")
    aside = temporary.with_suffix(".old")
    try:
        yield temporary
        if path.is_dir():  # no system swaps folders that are not empty
            os.replace(path, aside)
        os.replace(temporary, path)
    finally:
        for rubbish in (temporary, aside):
            if rubbish.is_dir():
                shutil.rmtree(rubbish)
            rubbish.unlink(missing_ok=True)
