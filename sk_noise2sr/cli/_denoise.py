"""Denoise an image or a stack, from itself alone."""

import argparse
import os
import textwrap
from functools import partial
from pathlib import Path

from .._optional import import_optional
from ._batch import pair_up, run_batch, writable_suffix
from ._inputs import add_part, check_drawing, refuse_inputs
from ._methods import describe_methods, find_methods, method_names, needs_target, takes_neighbours
from ._options import add_hyperparameters, given_hyperparameters, hyperparameter_options
from ._parser import count, did_you_mean, one_of
from ._preview import draw, preview
from ._report import make_repeatable, write_report
from ._source import read_words
from ._task import denoise_file, denoise_movie, describe, origin
from ._trust import add_trust_arguments, maps_beside, outputs_in

DESCRIPTION = """\
Denoise IN, a grey image or a stack of them (TIFF, NPY, and with extras files of microscopes and
zarr), and write OUT: float32, in the intensity units of IN, with its pixel size.

  sk-noise2sr denoise frame.tif                     write frame_denoised.tif
  sk-noise2sr denoise frame.tif --preview           look at a part of it, in seconds
  sk-noise2sr denoise frame.tif --method vstbm3d    another method, in seconds
  sk-noise2sr denoise *.dm4 -o clean/ --resume      many files, one by one
"""

_DEFAULT = "noise2sr"
_NOT_FOR_MOVIES = "is not for movies in parts; leave it out"
_EVERYDAY = ("input", "output", "force", "crop", "preview", "report", "picture", "evidence")
_EVERYDAY += ("error_bars", "method", "preset", "stride", "binning", "max_time")


def add_arguments(parser, words):
    """Add the files, the method, the preset, and all hyperparameters of the method in `words`."""
    named = _method_in(words)
    parser.epilog = partial(describe_methods, named)
    listed = ", ".join(method_names(named))
    names = textwrap.fill(f"methods: {listed}", 80, subsequent_indent="  ")
    parser.show_everyday(*_EVERYDAY, usage="IN [IN ...] [-o OUT] [option ...]", note=names)
    _add_files(parser)
    _add_batch_arguments(parser)
    _add_movie_arguments(parser)
    group = _add_method(parser, named)
    own = read_words("denoisers", named)
    if own is not None:
        _add_preset(group, own[1])
    if _tells_more(parser, words, own):
        chosen = _find(named, parser)
        if own is None:
            _add_preset(group, chosen._presets)
        add_hyperparameters(parser, chosen)


def _tells_more(parser, words, own):
    """Return whether words ask for help, or for what only the method knows; stop at errors."""
    if {"-h", "--help", "--help-all"} & set(words):
        return True
    rest = argparse.ArgumentParser.parse_known_args(parser, words)[1]
    options = [word for word in rest if word.startswith("-")]
    if own is not None:
        named = (word for word in options if word.startswith("--"))
        parser.refuse_unknown(named, hyperparameter_options(own[0]))
    return bool(options)


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


def run(arguments, parser):
    """Denoise one file and say so in one line; or many, with a line for each."""
    denoiser = _make_denoiser(arguments, parser)
    if arguments.preview:
        return _preview(arguments, denoiser, parser)
    work = _work(arguments, parser)
    if arguments.fit_frames:
        names = ("crop", "mask", "report", "align_lines", "evidence", "error_bars")
        _refuse(arguments, names, parser, _NOT_FOR_MOVIES)
    check_drawing("report", ".html", _inputs(arguments), arguments, parser)
    batch = arguments.resume or arguments.json or arguments.jobs > 1 or _is_folder(arguments)
    if batch:
        _refuse(arguments, ("target", "picture", "scheduler", "align_lines"), parser)
        denoiser._validate_params()
        return run_batch(work, denoiser, arguments)
    ((source, _, output),) = work
    _check_paths(arguments, source, output, parser)
    if arguments.fit_frames:
        facts = _run_movie(arguments, source, output, denoiser, parser)
        print(f"{source}: {describe(facts, arguments.method)} -> {output}")
        return 0
    return _run_one(arguments, source, output, denoiser, parser)


def _run_one(arguments, source, output, denoiser, parser):
    """Denoise one file, with the picture and the page that are asked for."""
    _refuse(arguments, ("scheduler",), parser, "needs --fit-frames N")
    if arguments.align_lines:
        _refuse(arguments, ("target",), parser, "shows other rows than --align-lines moves")
    if arguments.report is not None:
        arguments.words = make_repeatable(denoiser, arguments.words)
    outcome = denoise_file(
        source,
        output,
        denoiser,
        target=arguments.target,
        image=arguments.image,
        mask=arguments.mask,
        force=arguments.force,
        crop=arguments.crop,
        overwrite=arguments.force,
        align_lines=arguments.align_lines,
        evidence=arguments.evidence,
        error_bars=arguments.error_bars,
    )
    facts = outcome.facts | {"output": output}
    print(f"{source}: {describe(facts, arguments.method)} -> {outputs_in(facts)}")
    if arguments.picture is not None:
        draw(arguments.picture, outcome)
    if arguments.report is not None:
        about = origin(outcome.denoiser, source, arguments.crop, arguments.align_lines)
        write_report(arguments.report, source, outcome, about, arguments.words)
        print(f"report -> {arguments.report}")
    return 0


def _preview(arguments, denoiser, parser):
    """Denoise a part of the first file, and show it."""
    others = ("output", "report", "resume", "json", "fit_frames", "scheduler", "align_lines")
    _refuse(
        arguments,
        (*others, "error_bars"),
        parser,
        "is not for --preview, which writes no result; leave it out",
    )
    import_optional("matplotlib", "--preview", "plot")
    if len(arguments.input) > 1:
        parser.error("--preview is for one IN")
    check_drawing("picture", ".png", _inputs(arguments), arguments, parser)
    return preview(arguments.input[0], denoiser, arguments)


def _refuse(arguments, names, parser, why="is for one IN and one OUT; leave it out"):
    for name in names:
        if getattr(arguments, name):
            parser.error(f"--{name.replace('_', '-')} {why}")


def _run_movie(arguments, source, output, denoiser, parser):
    from ..io import check_target

    _refuse(arguments, ("target", "picture"), parser, _NOT_FOR_MOVIES)
    options = {
        "n_frames": arguments.fit_frames,
        "image": arguments.image,
        "overwrite": arguments.force,
    }
    if arguments.scheduler is None:
        return denoise_movie(source, output, denoiser, **options)
    if output.suffix.lower() != ".zarr":
        parser.error(f"--scheduler writes a .zarr store, which many can fill at once, not {output}")
    check_target(output, overwrite=arguments.force)
    distributed = import_optional("distributed", "--scheduler", "dask")
    with distributed.Client(arguments.scheduler) as client:
        return denoise_movie(source, output, denoiser, client=client, **options)


def _is_folder(arguments):
    """Whether OUT is a folder of results; a zarr store is a folder, and a result."""
    if arguments.output is None:
        return False
    output = Path(arguments.output)
    written_so = arguments.output.endswith(("/", os.sep))
    return written_so or (output.is_dir() and output.suffix.lower() != ".zarr")


def _work(arguments, parser):
    """Return sources, image names and targets."""
    sources = list(dict.fromkeys(arguments.input))
    if _is_folder(arguments):
        return pair_up(sources, Path(arguments.output), arguments, parser)
    if len(sources) > 1:
        parser.error("several files need a folder to write to: -o DIR/")
    source = sources[0]
    suffix = arguments.suffix or (".zarr" if arguments.scheduler else writable_suffix(source))
    beside = source.with_name(f"{source.stem}_denoised{suffix}")
    output = Path(arguments.output) if arguments.output else beside
    return [(source, arguments.image, output)]


def _method_in(words):
    """Return the name of the method, before anything else is known."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--method", nargs="?")
    name = parser.parse_known_args(words)[0].method
    return name or _DEFAULT


def _find(name, parser):
    """Return the class of a method, or end with a message."""
    try:
        methods = find_methods(name)
    except ValueError as error:
        parser.error(str(error))
    known = name if ":" in name else name.lower()
    if known not in methods:
        parser.error(f"unknown method {name!r}{did_you_mean(name, methods)}")
    return methods[known]


def _make_denoiser(arguments, parser):
    estimator_class = _find(arguments.method, parser)
    neighbours = arguments.fit_frames and takes_neighbours(estimator_class)
    if needs_target(estimator_class) and arguments.target is None and not neighbours:
        parser.error(
            f"{arguments.method} learns from pairs of images: give a second image of the same "
            "area with --target FILE"
        )
    if arguments.target is not None and not needs_target(estimator_class):
        parser.error(f"{arguments.method} learns from IN alone; leave out --target")
    if arguments.error_bars and needs_target(estimator_class):
        parser.error(
            f"--error-bars adds new noise to IN, and {arguments.method} would need a new target "
            "with it; take a method that learns from IN alone"
        )
    known = estimator_class._presets
    quick = "instant" if arguments.preview and "instant" in known else "default"
    hyperparameters = given_hyperparameters(arguments, estimator_class)
    return estimator_class.from_preset(arguments.preset or quick, **hyperparameters)


def _inputs(arguments):
    return (*arguments.input, arguments.target)


def _check_paths(arguments, source, output, parser):
    """Refuse, before any work, what would destroy an input or fail in the end."""
    maps = maps_beside(output, arguments.evidence, arguments.error_bars).values()
    refuse_inputs([output, *maps], (source, arguments.target), parser)
    if arguments.picture is not None:
        import_optional("matplotlib", "--picture", "plot")
        check_drawing("picture", ".png", _inputs(arguments), arguments, parser)
