"""Denoise an image or a stack, from itself alone."""

import os
from functools import partial
from pathlib import Path

from .._optional import import_optional
from ._batch import run_batch
from ._denoise_arguments import add_arguments as add_arguments
from ._inputs import check_drawing, check_inputs, refuse_inputs
from ._methods import find_method, takes_neighbours
from ._options import given_hyperparameters
from ._pair_up import pair_up, writable_suffix
from ._preview import draw, preview
from ._report import make_repeatable, write_report
from ._say import say
from ._task import denoise_file, denoise_movie, describe
from ._trust import maps_beside, outputs_in

DESCRIPTION = """\
Denoise IN, a grey image or a stack of them (TIFF, NPY, and with extras files of microscopes and
zarr), and write OUT: float32, in the intensity units of IN, with its pixel size.

  sk-noise2sr denoise frame.tif                     write frame_denoised.tif
  sk-noise2sr denoise frame.tif --preview           look at a part of it, in seconds
  sk-noise2sr denoise frame.tif --method vstbm3d    another method, in seconds
  sk-noise2sr denoise *.dm4 -o clean/ --resume      many files, one by one
"""

_NOT_FOR_MOVIES = "is not for movies in parts; leave it out"


def run(arguments, parser):
    """Denoise one file and say so in one line; or many, with a line for each."""
    batch = arguments.resume or arguments.json or arguments.jobs > 1 or _is_folder(arguments)
    if not batch:  # of many, each tells when its turn comes
        check_inputs(_inputs(arguments))
    _check_target(arguments, parser)
    if arguments.preview:
        return _preview(arguments, parser)
    work = _work(arguments, parser)
    if arguments.fit_frames:
        names = ("crop", "mask", "report", "align_lines", "evidence", "error_bars")
        _refuse(arguments, names, parser, _NOT_FOR_MOVIES)
    check_drawing("report", ".html", _inputs(arguments), arguments, parser)
    if batch:
        _refuse(arguments, ("target", "picture", "scheduler", "align_lines"), parser)
        denoiser = _make_denoiser(arguments)
        denoiser._validate_params()
        return run_batch(work, denoiser, arguments)
    ((source, _, output),) = work
    _check_paths(arguments, output, parser)
    denoiser = _make_denoiser(arguments)
    if arguments.fit_frames:
        facts = _run_movie(arguments, source, output, denoiser, parser)
        say(f"{source}: {describe(facts, arguments.method)} -> {output}")
        return 0
    return _run_one(arguments, source, output, denoiser, parser)


def _run_one(arguments, source, output, denoiser, parser):
    """Denoise one file, with the picture and the page that are asked for."""
    _refuse(arguments, ("scheduler",), parser, "needs --fit-frames N")
    if arguments.align_lines:
        _refuse(arguments, ("target",), parser, "shows other rows than --align-lines moves")
    if arguments.report is not None:
        arguments.words = make_repeatable(denoiser, arguments.words)
    facts = denoise_file(
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
        beside=partial(_write_pages, arguments, source),
    ).facts
    outputs = outputs_in(facts | {"output": output})
    say(f"{source}: {describe(facts, arguments.method)} -> {outputs}")
    for kind in ("picture", "report"):
        if getattr(arguments, kind) is not None:
            say(f"{kind} -> {getattr(arguments, kind)}")
    return 0


def _write_pages(arguments, source, outcome, about):
    """Write the picture and the page that are asked for."""
    if arguments.picture is not None:
        draw(arguments.picture, outcome)
    if arguments.report is not None:
        write_report(arguments.report, source, outcome, about, arguments.words)


def _preview(arguments, parser):
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
    return preview(arguments.input[0], _make_denoiser(arguments), arguments)


def _refuse(arguments, names, parser, why="is for one IN and one OUT; leave it out"):
    for name in names:
        if getattr(arguments, name):
            parser.error(f"--{name.replace('_', '-')} {why}")


def _run_movie(arguments, source, output, denoiser, parser):
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
    for source in sources:
        if not source.name:
            parser.error(f"{source} is a folder; name a file in it")
    if _is_folder(arguments):
        return pair_up(sources, Path(arguments.output), arguments, parser)
    if len(sources) > 1:
        parser.error("several files need a folder to write to: -o DIR/")
    source = sources[0]
    suffix = arguments.suffix or (".zarr" if arguments.scheduler else writable_suffix(source))
    beside = source.with_name(f"{source.stem}_denoised{suffix}")
    output = Path(arguments.output) if arguments.output else beside
    return [(source, arguments.image, output)]


def _check_target(arguments, parser):
    """Refuse a target that is of no use, and to do without one that is needed."""
    if not arguments.described.needs_target:
        if arguments.target is not None:
            parser.error(f"{arguments.method} learns from IN alone; leave out --target")
        return
    if arguments.target is None and not _has_neighbours(arguments):
        parser.error(
            f"{arguments.method} learns from pairs of images: give a second image of the same "
            "area with --target FILE"
        )
    if arguments.error_bars:
        parser.error(
            f"--error-bars adds new noise to IN, and {arguments.method} would need a new target "
            "with it; take a method that learns from IN alone"
        )


def _has_neighbours(arguments):
    """Return whether frames of a movie serve as targets of one another."""
    return arguments.fit_frames and takes_neighbours(find_method(arguments.method))


def _make_denoiser(arguments):
    estimator_class = find_method(arguments.method)
    known = estimator_class._presets
    quick = "instant" if arguments.preview and "instant" in known else "default"
    hyperparameters = given_hyperparameters(arguments, estimator_class)
    return estimator_class.from_preset(arguments.preset or quick, **hyperparameters)


def _inputs(arguments):
    mask = None if str(arguments.mask) == "none" else arguments.mask
    return (*arguments.input, arguments.target, mask)


def _check_paths(arguments, output, parser):
    """Refuse, before any work, what would destroy an input or fail in the end."""
    from ..io import check_target

    maps = maps_beside(output, arguments.evidence, arguments.error_bars).values()
    refuse_inputs([output, *maps], _inputs(arguments), parser)
    for path in (output, *maps):
        check_target(path, overwrite=arguments.force)
    if arguments.picture is not None:
        import_optional("matplotlib", "--picture", "plot")
        check_drawing("picture", ".png", _inputs(arguments), arguments, parser)
