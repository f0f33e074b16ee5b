"""Folders of results: without a result, there is none."""

from contextlib import contextmanager, suppress


@contextmanager
def new_folder(path):
    """Make a folder for what is written within; if that fails, remove it where it was not before.

    Parameters
    ----------
    path : pathlib.Path
        The folder; its parents are made too.
    """
    made = [each for each in (path, *path.parents) if not each.exists()]
    path.mkdir(parents=True, exist_ok=True)
    try:
        yield
    except BaseException:
        with suppress(OSError):  # what is not empty stays
            for each in made:
                each.rmdir()
        raise
