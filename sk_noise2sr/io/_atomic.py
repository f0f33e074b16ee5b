"""Write a file as a whole, or not at all."""

import os
from contextlib import contextmanager
from uuid import uuid4


@contextmanager
def replacing(path):
    """Yield a temporary name beside a file, which takes that file's place at the end.

    If the block raises, Ctrl-C included, the temporary file is removed and the
    old file stays as it was.

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
    try:
        yield temporary
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
