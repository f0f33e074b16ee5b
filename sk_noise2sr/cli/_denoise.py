"""Denoise an image or a stack, from itself alone."""

import time
import warnings
from pathlib import Path

import numpy as np

from .._optional import import_optional
from ._options import add_hyperparameters, given_hyperparameters

DESCRIPTION = """\
Denoise IN, a grey image or a stack of them (TIFF or NPY), and write OUT: float32, in the
intensity units of IN, with its pixel size. The pages of a stack are learned from together.

  sk-noise2sr denoise frame.tif                      write frame_denoised.tif
  sk-noise2sr denoise frame.tif -o clean.tif --max-time 30
  sk-noise2sr denoise frame.tif --picture look.png   noisy, denoised, residual
"""


def add_arguments(parser):
    """Add the files, the preset and all hyperparameters."""
    from ..denoisers import Noise2SR

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
        "--preset",
        choices=sorted(Noise2SR._presets),
        default="default",
        help="hyperparameters to start from; those named below replace them",
    )
    add_hyperparameters(parser, Noise2SR)


def run(arguments, parser):
    """Read, denoise, write, and say so in one line."""
    from sklearn.exceptions import ConvergenceWarning

    from ..denoisers import Noise2SR
    from ..io import check_target, read_image, write_image

    output = arguments.output or _default_output(arguments.input)
    _check_paths(arguments, output, parser)
    denoiser = Noise2SR.from_preset(arguments.preset, **given_hyperparameters(arguments, Noise2SR))
    noisy, calibration = read_image(arguments.input)
    check_target(output, overwrite=arguments.force)
    _check_float32(noisy)
    start = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("error", ConvergenceWarning)  # Ctrl-C: no half-trained result
        denoised = denoiser.fit_transform(noisy)
    seconds = time.perf_counter() - start
    write_image(output, denoised.astype("float32"), calibration, overwrite=arguments.force)
    size = " x ".join(map(str, noisy.shape))
    print(
        f"{arguments.input}: {size}, binning {denoiser.binning_:g}, {denoiser.n_iter_} steps, "
        f"{seconds:.1f} s -> {output}"
    )
    if arguments.picture is not None:
        _draw(arguments.picture, noisy, denoised)
    return 0


def _default_output(source):
    return source.with_name(f"{source.stem}_denoised{source.suffix}")


def _check_paths(arguments, output, parser):
    """Refuse, before any work, what would destroy the input or fail in the end."""
    for target in filter(None, (output, arguments.picture)):
        if target.resolve() == arguments.input.resolve():
            parser.error(f"{target} is the input; the noisy image is never overwritten")
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


def _check_float32(noisy):
    """Refuse an image whose contrast or size float32, which is written, cannot hold."""
    largest = np.abs(noisy.astype(float)).max(initial=0)
    if largest > np.finfo(np.float32).max:
        raise ValueError("Intensities are too large for float32; divide them by a constant.")
    if 0 < noisy.std(dtype=float) < 16 * np.spacing(np.float32(largest)):
        raise ValueError(
            "The contrast is too fine for float32 beside so large an offset; subtract a constant."
        )


def _draw(path, noisy, denoised):
    from ..report import save_comparison

    if noisy.ndim == 3:
        noisy, denoised = noisy[0], denoised[0]
    save_comparison(path, noisy, denoised)
    print(f"picture -> {path}")
