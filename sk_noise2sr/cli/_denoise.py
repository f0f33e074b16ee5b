"""Denoise an image or a stack, from itself alone."""

import argparse
import time
import warnings
from pathlib import Path

from .._optional import import_optional
from ._inputs import read_noisy, read_partner, refuse_inputs, size_of
from ._methods import describe_methods, find_methods, needs_target
from ._options import add_hyperparameters, given_hyperparameters

DESCRIPTION = """\
Denoise IN, a grey image or a stack of them (TIFF or NPY), and write OUT: float32, in the
intensity units of IN, with its pixel size. The pages of a stack are learned from together.

  sk-noise2sr denoise frame.tif                      write frame_denoised.tif
  sk-noise2sr denoise frame.tif -o clean.tif --max-time 30
  sk-noise2sr denoise frame.tif --picture look.png   noisy, denoised, residual
  sk-noise2sr denoise frame.tif --method vstbm3d     another method, in seconds
  sk-noise2sr denoise --method vstbm3d --help        what can be set there
  sk-noise2sr denoise first.tif --method noise2noise --target second.tif
"""

_DEFAULT = "noise2sr"


def add_arguments(parser, words):
    """Add the files, the method, the preset, and all hyperparameters of the method in `words`."""
    methods = find_methods()
    chosen = methods.get(_method_in(words), methods[_DEFAULT])
    parser.epilog = describe_methods(methods)
    parser.add_argument("input", metavar="IN", type=Path, help="file to read: .tif, .tiff or .npy")
    parser.add_argument(
        "-o",
        "--output",
        metavar="OUT",
        type=Path,
        help="file to write; the default is IN with _denoised before its suffix",
    )
    parser.add_argument("--force", action="store_true", help="replace OUT if it exists")
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


def run(arguments, parser):
    """Read, denoise, write, and say so in one line."""
    from sklearn.exceptions import ConvergenceWarning

    from ..io import check_target, write_image

    output = arguments.output or _default_output(arguments.input)
    _check_paths(arguments, output, parser)
    denoiser = _make_denoiser(arguments, parser)
    noisy, calibration = read_noisy(arguments.input)
    target = read_partner(arguments.target, noisy, arguments.input)
    check_target(output, overwrite=arguments.force)
    start = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("error", ConvergenceWarning)  # Ctrl-C: no half-trained result
        denoised = denoiser.fit_transform(noisy, target)
    seconds = time.perf_counter() - start
    write_image(output, denoised.astype("float32"), calibration, overwrite=arguments.force)
    facts = [size_of(noisy), arguments.method, *_work_of(denoiser), f"{seconds:.1f} s"]
    print(f"{arguments.input}: {', '.join(facts)} -> {output}")
    if arguments.picture is not None:
        _draw(arguments.picture, noisy, denoised)
    return 0


def _method_in(words):
    """Return the name of the method, before anything else is known."""
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--method", nargs="?")
    name = parser.parse_known_args(words)[0].method
    return (name or _DEFAULT).lower()


def _default_output(source):
    return source.with_name(f"{source.stem}_denoised{source.suffix}")


def _make_denoiser(arguments, parser):
    estimator_class = find_methods()[arguments.method]
    if needs_target(estimator_class) and arguments.target is None:
        parser.error(
            f"{arguments.method} learns from pairs of images: give what IN shows once more with "
            "--target FILE"
        )
    if arguments.target is not None and not needs_target(estimator_class):
        parser.error(f"{arguments.method} learns from IN alone; leave out --target")
    hyperparameters = given_hyperparameters(arguments, estimator_class)
    return estimator_class.from_preset(arguments.preset, **hyperparameters)


def _work_of(denoiser):
    """Return what there is to say about binning and steps."""
    if hasattr(denoiser, "binning_"):
        yield f"binning {denoiser.binning_:g}"
    if hasattr(denoiser, "n_iter_"):
        yield f"{denoiser.n_iter_} steps"


def _check_paths(arguments, output, parser):
    """Refuse, before any work, what would destroy an input or fail in the end."""
    targets = [path for path in (output, arguments.picture) if path is not None]
    refuse_inputs(targets, (arguments.input, arguments.target), parser)
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
