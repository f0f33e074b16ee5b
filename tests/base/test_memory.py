"""Tiles as small as memory asks for, with the same result."""

import os
import subprocess
import sys
import textwrap
import warnings

import numpy as np
import pytest

from sk_noise2sr import Noise2Self, Noise2SR
from sk_noise2sr.networks import CompactUNet


def small_encoder(in_channels, out_channels):
    return CompactUNet(in_channels, out_channels, n_levels=2)


@pytest.mark.parametrize("denoiser_class", [Noise2SR, Noise2Self])
def test_a_limit_of_memory_makes_small_tiles_and_changes_nothing(hurried, noisy, denoiser_class):
    frame = np.tile(noisy, (3, 3))
    # On a frame that repeats itself, block matching would turn 1e-8 into another of equal blocks.
    denoiser = hurried(denoiser_class, encoder=small_encoder, M=1, refine=False).fit(noisy)
    whole = denoiser.transform(frame)
    sizes = []
    for limit in ("3MB", "2MB"):
        denoiser.set_params(max_memory=limit)
        scheme = denoiser._scheme(denoiser.grid_)
        tiles = denoiser.fit_.predictor(scheme, limit).tiles(*frame.shape)
        sizes.append(max(tile.n_pixels for tile in tiles))
        np.testing.assert_allclose(denoiser.transform(frame), whole, atol=1e-5 * np.ptp(frame))
    assert frame.size > sizes[0] > sizes[1]


def test_a_limit_that_no_tile_meets_is_told(hurried, noisy):
    denoiser = hurried(Noise2SR).fit(noisy).set_params(max_memory="100 kB")
    with pytest.raises(MemoryError, match=r"too far for tiles of .* a larger max_memory"):
        denoiser.transform(noisy)


@pytest.mark.parametrize("limit", ["much", "0 MB", "1 XB", "-1GB"])
def test_what_is_no_size_is_told_before_the_training(fast, noisy, limit):
    with pytest.raises(ValueError, match="Expected max_memory to be a size such as '1GB'"):
        fast(Noise2SR, max_memory=limit).fit(noisy)


SCRIPT = textwrap.dedent(
    """
    import resource, warnings
    import numpy as np
    from sk_noise2sr import Noise2SR, Training, datasets
    from sk_noise2sr.engine import _predict

    _predict._TILE_PIXELS = 2**22  # what a tile takes is then far more than what is there
    _, noisy = datasets.make_hrem((64, 64), random_state=0)
    frame = np.tile(noisy, (32, 32)).astype(np.float32)
    training = Training(learning_rate=1e-3)
    options = dict(epochs=1, training=training, M=1, refine=False, binning=1, n_threads=1)
    denoiser = Noise2SR(random_state=0, verbose=0, **options).fit(noisy)
    whole = denoiser.transform(frame)
    # What a tile takes differs from processor to processor.
    with open("/proc/self/status") as file:
        sizes = dict(line.split(":", 1) for line in file)
    now, peak = (1024 * int(sizes[name].split()[0]) for name in ("VmSize", "VmPeak"))
    limits = resource.getrlimit(resource.RLIMIT_AS)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        resource.setrlimit(resource.RLIMIT_AS, (now + int(0.8 * (peak - now)), limits[1]))
        denoised = denoiser.transform(frame)
        resource.setrlimit(resource.RLIMIT_AS, limits)
    assert np.abs(denoised - whole).max() <= 1e-5 * np.ptp(frame)
    print(*[each.message for each in told], sep="\\n")
    """
)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="the limit is that of Linux")
def test_where_memory_runs_out_smaller_tiles_are_tried():
    # glibc would keep for itself what was freed, and the limit counts that.
    environment = os.environ | {"OMP_NUM_THREADS": "1", "MALLOC_MMAP_THRESHOLD_": "65536"}
    command = [sys.executable, "-c", SCRIPT]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    assert "Memory ran out; going on in tiles of" in done.stdout


def test_where_memory_suffices_nothing_is_told(hurried, noisy):
    denoiser = hurried(Noise2SR, max_memory="1GB").fit(noisy)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        denoiser.transform(noisy)
