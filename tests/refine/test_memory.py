"""What is looked at in a large frame takes little memory beside it."""

import tracemalloc

import numpy as np
import pytest

from sk_noise2sr.grid import find_uneven_noise
from sk_noise2sr.noise import Anscombe
from sk_noise2sr.refine._choose_grid import _until_seen

NOISE = Anscombe.from_pair((0.1, 0.2))
LOOKS = {
    "uneven": lambda image: find_uneven_noise(image, NOISE.variance, NOISE.a),
    "hidden": lambda image: _until_seen(image[np.newaxis], NOISE),
}


@pytest.mark.parametrize("look", LOOKS)
def test_a_look_makes_no_copy_of_the_frame(look, rng):
    image = rng.normal(5, np.sqrt(NOISE.variance(5)), (1024, 3072)).astype(np.float32)
    LOOKS[look](image[:256, :256])  # what is loaded at first does not count
    tracemalloc.start()
    try:
        LOOKS[look](image)
        assert tracemalloc.get_traced_memory()[1] < 0.5 * image.nbytes
    finally:
        tracemalloc.stop()
