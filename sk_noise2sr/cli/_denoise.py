"""Denoise an image or a stack, from itself alone."""

import argparse
import os
from pathlib import Path

from .._optional import import_optional
from ._batch import pair_up, run_batch, writable_suffix
from ._inputs import refuse_inputs
from ._methods import describe_methods, find_methods, needs_target, takes_neighbours
from ._options import add_hyperparameters, given_hyperparameters
from ._task import denoise_file, denoise_movie, describe

DESCRIPTION = """\
Denoise IN, a grey image or a stack of them (TIFF, NPY, and with extras files of microscopes and
zarr), and write OUT: float32, in the intensity units of IN, with its pixel size. The pages of a
stack are learned from together; several files are denoised one by one.

  sk-noise2sr denoise frame.tif                      write frame_denoised.tif
  sk-noise2sr denoise frame.tif -o clean.tif --max-time 30
  sk-noise2sr denoise frame.tif --picture look.png   noisy, denoised, residual
  sk-noise2sr denoise frame.tif --method vstbm3d     another method, in seconds
  sk-noise2sr denoise --method vstbm3d --help        what can be set there
  sk-noise2sr denoise first.tif --method noise2noise --target second.tif
  sk-noise2sr denoise *.dm4 -o clean/ --resume --jobs 2 --json
"""

_DEFAULT = "noise2sr"


def add_arguments(parser, words):
    """Add the files, the method, the preset, and all hyperparameters of the method in `words`."""
    methods = find_methods()
    chosen = methods.get(_method_in(words), methods[_DEFAULT])
    parser.epilog = describe_methods(methods)
    parser.add_argument("input", metavar="IN", type=Path, nargs="+", help="file to read")
    parser.add_argument(
        "-o",
        "--output",
        metavar="OUT",
        help="file to write, or a folder, DIR/, needed for several files; the default is IN with "
        "_denoised before its suffix",
    )
    parser.add_argument("--force", action="store_true", help="replace OUT if it exists")
    parser.add_argument(
        "--image",
        metavar="NAME",
        help="which image, by name or number, of files with several; without it, all are written "
        "into the folder DIR/, and a single OUT is refused",
    )
    parser.add_argument(
        "--fit-frames",
        type=_count,
        metavar="N",
        help="for movies: learn from N frames spread over each, then denoise one frame after the "
        "other; memory does not grow with the movie. With --method noise2noise each of the N "
        "learns from the next frame of the movie, which has to stand still",
    )
    parser.add_argument(
        "--scheduler",
        metavar="ADDRESS",
        help="with --fit-frames: the workers of this dask scheduler denoise; OUT is .zarr",
    )
    _add_batch_arguments(parser)
    parser.add_argument(
        "--picture",
        metavar="PNG",
        type=Path,
        help="also draw the noisy image, the denoised one and the residual (first page)",
    )
    parser.add_argument(
        "--method",
        type=str.lower,
        choices=methods,
        metavar="NAME",
        default=_DEFAULT,
        help=f"how to denoise, one of the methods below (default: {_DEFAULT})",
    )
    parser.add_argument(
        "--target",
        metavar="FILE",
        type=Path,
        help="for methods that learn from pairs: what IN shows once more, as noisy (noise2noise) "
        "or clean (superviseddenoiser), of the size of IN",
    )
    parser.add_argument(
        "--preset",
        choices=sorted(chosen._presets),
        default="default",
        help="hyperparameters to start from; those named below replace them",
    )
    add_hyperparameters(parser, chosen)


def _add_batch_arguments(parser):
    group = parser.add_argument_group("many files")
    group.add_argument(
        "--resume", action="store_true", help="skip results that are whole and made alike"
    )
    group.add_argument(
        "--jobs", type=_count, default=1, metavar="N", help="how many at a time (default: 1)"
    )
    group.add_argument("--json", action="store_true", help="print a line of JSON for each file")
    group.add_argument(
        "--suffix",
        choices=[".hspy", ".mrc", ".npy", ".tif", ".zarr"],
        help="of the files in DIR; the default is that of IN where it can be written, else .tif",
    )


def _count(text):
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"expected 1 or more, got {number}")
    return number


def run(arguments, parser):
    """Denoise one file and say so in one line; or many, with a line for each."""
    denoiser = _make_denoiser(arguments, parser)
    work = _work(arguments, parser)
    batch = arguments.resume or arguments.json or arguments.jobs > 1 or _is_folder(arguments)
    if batch:
        _refuse(arguments, ("target", "picture", "scheduler"), parser)
        denoiser._validate_params()
        return run_batch(work, denoiser, arguments)
    ((source, _, output),) = work
    _check_paths(arguments, source, output, parser)
    if arguments.fit_frames:
        facts = _run_movie(arguments, source, output, denoiser, parser)
        print(f"{source}: {describe(facts, arguments.method)} -> {output}")
        return 0
    _refuse(arguments, ("scheduler",), parser, "needs --fit-frames N")
    facts, noisy, denoised = denoise_file(
        source,
        output,
        denoiser,
        target=arguments.target,
        image=arguments.image,
        overwrite=arguments.force,
    )
    print(f"{source}: {describe(facts, arguments.method)} -> {output}")
    if arguments.picture is not None:
        _draw(arguments.picture, noisy, denoised)
    return 0


def _refuse(arguments, names, parser, why="is for one IN and one OUT; leave it out"):
    for name in names:
        if getattr(arguments, name):
            parser.error(f"--{name.replace('_', '-')} {why}")


def _run_movie(arguments, source, output, denoiser, parser):
    from ..io import check_target

    _refuse(arguments, ("target", "picture"), parser, "is not for movies in parts; leave it out")
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
        return pair_up(sources, Path(arguments.output), arguments.suffix, arguments.image, parser)
    if len(sources) > 1:
        parser.error("several files need a folder to write to: -o DIR/")
    source = sources[0]
    suffix = arguments.suffix or (".zarr" if arguments.scheduler else writable_suffix(source))
    beside = source.with_name(f"{source.stem}_denoised{suffix}")
    output = Path(arguments.output) if arguments.output else beside
    return [(source, arguments.image, output)]


def _method_in(words):
    """Return the name of the method, before anything else is known."""
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--method", nargs="?")
    name = parser.parse_known_args(words)[0].method
    return (name or _DEFAULT).lower()


def _make_denoiser(arguments, parser):
    estimator_class = find_methods()[arguments.method]
    neighbours = arguments.fit_frames and takes_neighbours(estimator_class)
    if needs_target(estimator_class) and arguments.target is None and not neighbours:
        parser.error(
            f"{arguments.method} learns from pairs of images: give what IN shows once more with "
            "--target FILE"
        )
    if arguments.target is not None and not needs_target(estimator_class):
        parser.error(f"{arguments.method} learns from IN alone; leave out --target")
    hyperparameters = given_hyperparameters(arguments, estimator_class)
    return estimator_class.from_preset(arguments.preset, **hyperparameters)


def _check_paths(arguments, source, output, parser):
    """Refuse, before any work, what would destroy an input or fail in the end."""
    targets = [path for path in (output, arguments.picture) if path is not None]
    refuse_inputs(targets, (source, arguments.target), parser)
    if arguments.picture is not None:
        import_optional("matplotlib", "--picture", "plot")
        if arguments.picture.suffix.lower() != ".png":
            parser.error(f"--picture draws .png files, not {arguments.picture.name}")
        if arguments.picture.is_dir():
            parser.error(f"{arguments.picture} is a folder; name a file in it")
        if arguments.picture.exists() and not arguments.force:
            parser.error(f"{arguments.picture} exists; pass --force or choose another name")
        if not arguments.picture.parent.is_dir():
            parser.error(f"the folder {arguments.picture.parent} does not exist; create it")


def _draw(path, noisy, denoised):
    from ..report import save_comparison

    if noisy.ndim == 3:
        noisy, denoised = noisy[0], denoised[0]
    save_comparison(path, noisy, denoised)
    print(f"picture -> {path}")
