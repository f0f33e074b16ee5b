"""Names of results: one for each image of each file, and none twice."""

import contextlib
import re
import unicodedata

from ._inputs import refuse_inputs
from ._trust import maps_beside


def pair_up(sources, folder, arguments, parser):
    """Return sources, image names and targets.

    Parameters
    ----------
    sources : list of pathlib.Path
        The files to read.
    folder : pathlib.Path
        Where to write.
    arguments : argparse.Namespace
        ``suffix`` of all files to write, None keeps that of the source where it can be written;
        which ``image`` of files that hold several, None takes all, each into a file of its own;
        ``evidence`` and ``error_bars``, for maps beside the results; the ``mask``, an input too.
    parser : argparse.ArgumentParser
        Ends the program where two results would have one name, or a source would be overwritten.

    Returns
    -------
    list of (pathlib.Path, str or None, pathlib.Path)
        In the order of the sources.
    """
    work, taken = [], {}
    for source in sources:
        for name, stem in _images_of(source, arguments.image):
            output = folder / f"{stem}{arguments.suffix or writable_suffix(source)}"
            for path in (output, *maps_of(output, arguments)):
                other, named = taken.setdefault(_same_file(path.name), (source, path.name))
                if other is not source:
                    collision = _collision(other, source, named, path)
                    parser.error(f"{collision}; run them into two folders")
            work.append((source, name, output))
    written = [path for *_, output in work for path in (output, *maps_of(output, arguments))]
    refuse_inputs(written, (*sources, arguments.mask), parser)
    return work


def _same_file(name):
    """Return what names have in common that are one file on some disks."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def _collision(first, second, named, path):
    if named == path.name:
        return f"{first} and {second} would both become {path}"
    return (
        f"{first} and {second} would become {named} and {path.name}, which are one file on disks "
        "that do not tell capitals, or ways to write accents, apart"
    )


def _images_of(source, image):
    """Return, for each image to read of a file, its name and the stem of its result."""
    from ..io import image_names

    names = []
    if image is None:
        # A file that cannot be read says so when its turn comes.
        with contextlib.suppress(OSError, ValueError, MemoryError):
            names = image_names(source)
    if len(names) < 2:
        return [(image, source.stem)]
    stems = [re.sub(r"[^\w.+-]+", "_", name) for name in names]
    stems = [
        stem if name.startswith(source.stem) else f"{source.stem}_{stem}"  # some are named after it
        for name, stem in zip(names, stems, strict=True)
    ]
    if len({stem.lower() for stem in stems}) < len(stems):
        stems = [f"{stem}_{number}" for number, stem in enumerate(stems)]
    return list(zip(names, stems, strict=True))


def writable_suffix(source):
    """Return the suffix of a file if such files can be written, and .tif otherwise."""
    from ..io import check_target

    try:
        check_target(f"name{source.suffix}", overwrite=True)
    except ValueError:
        return ".tif"
    return source.suffix


def maps_of(output, arguments):
    """Return the maps that are asked for beside a result."""
    return maps_beside(output, arguments.evidence, arguments.error_bars).values()
