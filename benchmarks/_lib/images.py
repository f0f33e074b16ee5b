"""Clean images from a folder, and the noise that they get: the same for all who name a seed."""

import zlib
from functools import partial

import numpy as np
from scipy.ndimage import gaussian_filter, shift

from sk_noise2sr.io import read_image
from sk_noise2sr.noise import PoissonGaussian

READOUT = 0.02
SUFFIXES = {".tif", ".tiff", ".npy"}
# What is done to a whole image after the counting, so that neighbours share noise: a camera spreads
# each count, and correction of drift interpolates.
INSTRUMENTS = {
    "spread": partial(gaussian_filter, sigma=0.7),
    "moved": partial(shift, shift=0.5, order=1, mode="nearest"),
}


def images_in(folder):
    """Return the images of a folder by name; none of no folder."""
    paths = folder.glob("*") if folder else ()
    return sorted(path for path in paths if path.suffix.lower() in SUFFIXES)


def on_images(arguments, heads):
    """Yield the head of a line for each image, level, seed, and what else there is to tell."""
    for path in images_in(arguments.images):
        for level in arguments.levels:
            for seed in arguments.seeds:
                for head in heads:
                    where = {"image": path.name, "path": str(path)}
                    yield {**head, **where, "level": float(level), "seed": seed}


def read_clean(task):
    """Return the clean image of a task, or the middle of it, where it names a ``crop``."""
    return middle_of(read_image(task["path"])[0].astype(float), task.get("crop"))


def middle_of(image, side):
    """Return the middle of an image, of at most `side` x `side` pixels, or all of it."""
    if side is None:
        return image
    top, left = (max(0, (length - side) // 2) for length in image.shape)
    return image[top : top + side, left : left + side]


def noise_of(task):
    """Return the noise of a task, and where its draws come from."""
    image = zlib.crc32(task["image"].encode())
    rng = np.random.default_rng([task["seed"], image, round(1e6 * task["level"])])
    return PoissonGaussian(task["level"], task.get("readout", READOUT)), rng


def clean_and_noisy(task):
    """Return both images of a task."""
    clean = read_clean(task)
    noise, rng = noise_of(task)
    return clean, noise.sample(clean, rng)
