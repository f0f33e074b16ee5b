"""Denoise the sample image that comes along, and draw what happened."""

import time
from pathlib import Path

from ._folder import new_folder
from ._say import say

DESCRIPTION = """\
Denoise the sample image of the package, a simulated nanoparticle on a support, print how close
noisy and denoised image are to the clean one, and write a TIFF and a picture. Takes half a minute.
"""

_EPOCHS = 30


def add_arguments(parser, words):
    """Add the folder to write to."""
    parser.add_argument(
        "-o",
        "--output",
        metavar="DIR",
        type=Path,
        default=Path("demo_output"),
        help="folder for denoised.tif and comparison.png (default: demo_output)",
    )


def run(arguments, parser):
    """Denoise the sample, print figures, write files."""
    from ..datasets import load_sample, sample_path
    from ..denoisers import Noise2SR
    from ..io import read_image, together, write_image
    from ..metrics import psnr, ssim
    from ..report import save_comparison

    clean, noisy = load_sample()
    calibration = read_image(sample_path())[1]
    start = time.perf_counter()
    denoised = Noise2SR(epochs=_EPOCHS, random_state=0).fit_transform(noisy)
    seconds = time.perf_counter() - start

    titles = []
    for name, image in (("noisy", noisy), ("denoised", denoised)):
        titles.append(f"{name}: {psnr(clean, image):.2f} dB, SSIM {ssim(clean, image):.3f}")
        print(titles[-1])
    print(f"{seconds:.1f} s, from the noisy image alone")

    image, picture = (arguments.output / name for name in ("denoised.tif", "comparison.png"))
    with new_folder(arguments.output), together():
        write_image(image, denoised, calibration, overwrite=True)
        save_comparison(picture, noisy, denoised, titles=titles, calibration=calibration)
    say(f"written: {image}, {picture}")
    return 0
