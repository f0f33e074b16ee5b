"""What `denoise` can be asked for: files, a method, its preset and hyperparameters."""

import argparse
import textwrap
from functools import partial
from pathlib import Path

from ._inputs import add_part
from ._methods import find_method, list_methods, method_names
from ._options import add_hyperparameters
from ._parser import count, one_of
from ._source import describe_class, read_class
from ._trust import add_trust_arguments

_DEFAULT = "noise2sr"
_EVERYDAY = ("input", "output", "force", "crop", "preview", "report", "picture", "evidence")
_EVERYDAY += ("error_bars", "method", "preset", "stride", "binning", "max_time")


def add_arguments(parser, words):
    """Add the files, the method, the preset, and all hyperparameters of the method in `words`."""
    named = _method_in(words)
    parser.epilog = partial(list_methods, named)
    listed = ", ".join(method_names(named))
    names = textwrap.fill(f"methods: {listed}", 80, subsequent_indent="  ")
    parser.show_everyday(*_EVERYDAY, usage="IN [IN ...] [-o OUT] [option ...]", note=names)
    _add_files(parser)
    _add_batch_arguments(parser)
    _add_movie_arguments(parser)
    group = _add_method(parser, named)
    own = read_class("denoisers", named)
    if own is None and not {"-h", "--help", "--help-all"} & set(words):
        argparse.ArgumentParser.parse_known_args(parser, words)  # stops at errors
    try:
        method = own or describe_class(find_method(named))
    except ValueError as error:
        parser.error(str(error))
    _add_preset(group, method.presets)
    if "verbose" not in method.parameters:  # one line for all methods: some have nothing to say
        parser.add_argument("--verbose", help=argparse.SUPPRESS)
    add_hyperparameters(parser, method, checked=own is not None)
    parser.set_defaults(described=method)


def _add_files(parser):
    parser.add_argument("input", metavar="IN", type=Path, nargs="+", help="file to read")
    parser.add_argument(
        "-o",
        "--output",
        metavar="OUT",
        help="file to write, or a folder, DIR/, needed for several files. The default is IN with "
        "_denoised before its suffix",
    )
    parser.add_argument(
        "--force",
        action="store_true",
        help="replace OUT if it exists; accept short fits",
    )
    add_part(parser)
    parser.add_argument(
        "--preview",
        action="store_true",
        help="denoise the liveliest part alone, or --crop, and draw it. The preset is instant "
        "if there is one; nothing else is written",
    )
    parser.add_argument(
        "--report",
        metavar="FILE.html",
        type=Path,
        help="write a page for a browser: slider, residual, what not to trust. Of many "
        "files an index, and the page of each beside its result",
    )
    parser.add_argument(
        "--picture",
        metavar="FILE.png",
        type=Path,
        help="draw the noisy image, the denoised one and the residual (first page)",
    )
    add_trust_arguments(parser)


def _add_batch_arguments(parser):
    group = parser.add_argument_group("many files")
    group.add_argument(
        "--resume", action="store_true", help="skip results that are whole and made alike"
    )
    group.add_argument(
        "--jobs", type=count, default=1, metavar="N", help="how many at a time (default: 1)"
    )
    group.add_argument("--json", action="store_true", help="print a line of JSON for each file")
    group.add_argument(
        "--suffix",
        choices=[".hspy", ".mrc", ".npy", ".tif", ".zarr"],
        help="of the files in DIR; the default is that of IN where it can be written, else .tif",
    )


def _add_movie_arguments(parser):
    group = parser.add_argument_group("movies")
    group.add_argument(
        "--fit-frames",
        type=count,
        metavar="N",
        help="learn from N frames spread over each movie, then denoise one frame after the "
        "other; memory does not grow with the movie. With --method noise2noise each of the N "
        "learns from the next frame of the movie, which has to stand still; with --context they "
        "stand in a row",
    )
    group.add_argument(
        "--scheduler",
        metavar="ADDRESS",
        help="with --fit-frames: the workers of this dask scheduler denoise; OUT is .zarr",
    )


def _add_method(parser, named):
    group = parser.add_argument_group("method")
    group.add_argument(
        "--method",
        type=one_of("method", method_names(named)),
        metavar="NAME",
        default=_DEFAULT,
        help=f"how to denoise, one of the methods below (default: {_DEFAULT}). A class of "
        "your own is module:Class, looked for in the folder you are in too",
    )
    group.add_argument(
        "--target",
        metavar="FILE",
        type=Path,
        help="for methods that learn from pairs: a second image of the same area, as noisy "
        "(noise2noise) or clean (superviseddenoiser), of the size of IN",
    )
    group.add_argument(
        "--mask",
        metavar="FILE",
        type=Path,
        help="an image of the size of IN, not 0 where IN is no picture; scale bars, padding, dead "
        "lines and bad pixels are found beside it. --mask none finds nothing",
    )
    group.add_argument(
        "--align-lines",
        action="store_true",
        help="first move the rows of a trembling scan back by parts of a pixel; diagnose says "
        "whether IN needs it",
    )
    group.set_defaults(preset=None)
    return group


def _add_preset(group, presets):
    presets = sorted(presets)
    group.add_argument(
        "--preset",
        type=one_of("preset", presets),
        metavar="|".join(presets),
        help="hyperparameters to start from; those named below replace them",
    )


def _method_in(words):
    """Return the name of the method, before anything else is known."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--method", nargs="?")
    name = parser.parse_known_args(words)[0].method
    return name or _DEFAULT
