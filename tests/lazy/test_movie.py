"""Frame by frame gives what the whole movie gives, in constant memory."""

import os

import numpy as np
import pytest
import zarr
from sklearn.exceptions import NotFittedError

from sk_noise2sr import AdaptiveWiener, Noise2SR
from sk_noise2sr.base import BaseDenoiser
from sk_noise2sr.datasets import make_movie
from sk_noise2sr.io import Calibration, open_frames, read_image, read_images, write_image
from sk_noise2sr.lazy import denoise_frames, transform_lazily

CALIBRATION = Calibration((0.02, 0.02), "nm", frame_interval=0.04)


@pytest.fixture
def movie(rng):
    return rng.poisson(8, (5, 32, 40)).astype(np.float32)


@pytest.mark.parametrize("source", [".tif", ".npy", ".zarr", ".hspy"])
@pytest.mark.parametrize("target", [".tif", ".npy", ".zarr", ".hspy", ".mrc"])
def test_from_file_to_file(source, target, tmp_path, movie):
    write_image(tmp_path / f"noisy{source}", movie, CALIBRATION)
    denoiser = AdaptiveWiener().fit(movie[:2])
    denoise_frames(denoiser, tmp_path / f"noisy{source}", str(tmp_path / f"clean{target}"))
    denoised, calibration = read_image(tmp_path / f"clean{target}")
    np.testing.assert_array_equal(denoised, denoiser.transform(movie), strict=True)
    if ".npy" in (source, target):
        assert calibration == Calibration()
    else:
        assert calibration.pixel_size == pytest.approx(CALIBRATION.pixel_size)
        assert calibration.frame_interval == (None if target == ".mrc" else 0.04)


def test_a_network_gives_the_same_and_says_nothing(tmp_path, movie, fast, capsys):
    denoiser = fast(Noise2SR, verbose=2).fit(movie)
    expected = denoiser.transform(movie)
    capsys.readouterr()
    denoised = np.empty_like(movie)
    denoise_frames(denoiser, movie, denoised, verbose=0)
    np.testing.assert_array_equal(denoised, expected)
    assert capsys.readouterr().err == ""
    assert denoiser.verbose == 2


def test_arrays_of_all_kinds_are_filled(tmp_path, movie):
    dask_array = pytest.importorskip("dask.array")
    denoiser = AdaptiveWiener().fit(movie[0])
    expected = denoiser.transform(movie)
    np.save(tmp_path / "noisy.npy", movie)
    targets = [
        np.memmap(tmp_path / "clean.raw", np.float32, "w+", shape=movie.shape),
        zarr.create_array(tmp_path / "clean.zarr", shape=movie.shape, dtype="f4"),
        np.zeros_like(movie),
    ]
    sources = [
        np.load(tmp_path / "noisy.npy", mmap_mode="r"),
        zarr.create_array(tmp_path / "noisy.zarr", data=movie),
        dask_array.from_array(movie, chunks=(2, 16, 40)),
    ]
    for source, target in zip(sources, targets, strict=True):
        denoise_frames(denoiser, source, target)
        np.testing.assert_array_equal(target[...], expected)


def test_provenance_goes_along(tmp_path, movie):
    write_image(tmp_path / "noisy.npy", movie)
    denoise_frames(AdaptiveWiener().fit(movie), tmp_path / "noisy.npy", tmp_path / "clean.zarr")
    about = zarr.open(tmp_path / "clean.zarr", mode="r").attrs["sk_noise2sr"]
    assert about["denoiser"] == "AdaptiveWiener"
    assert about["input"]["name"] == "noisy.npy"
    assert read_images(tmp_path / "clean.zarr")[0].data.dtype == np.float32


class Copy(BaseDenoiser):
    """No denoiser at all: what is looked at here is what frames leave behind."""

    def _fit(self, stack, y):
        self.n_images_ = len(stack)

    def _denoise(self, image):
        return image / 2


def resident():
    """Return the bytes of this process that are in memory."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


class Watched:
    """A movie that notes the memory in use whenever a frame is asked for."""

    def __init__(self, array):
        self.array, self.shape, self.dtype, self.resident = array, array.shape, array.dtype, []

    def __getitem__(self, number):
        self.resident.append(resident())
        return self.array[number]


@pytest.mark.skipif(not os.path.exists("/proc/self/statm"), reason="reads /proc")
@pytest.mark.parametrize(
    "target",
    [
        ".tif",
        ".zarr",
        *(pytest.param(s, marks=pytest.mark.slow) for s in (".npy", ".hspy", ".mrc")),
    ],
)
def test_memory_stays_constant(target, tmp_path, rng):
    n_frames, frame = 120, rng.normal(size=(256, 256)).astype(np.float32)
    noisy = np.lib.format.open_memmap(
        tmp_path / "noisy.npy", "w+", np.float32, (n_frames, 256, 256)
    )
    noisy[:] = frame
    del noisy
    denoiser = Copy().fit(frame)
    with open_frames(tmp_path / "noisy.npy") as frames:
        source = Watched(frames)
        denoise_frames(denoiser, source, tmp_path / f"clean{target}", verbose=0)
    # A frame kept of each would add all of these; what threads of the target borrow wobbles by MiB.
    bytes_since = (n_frames - 20) * frame.nbytes
    assert source.resident[-1] - source.resident[20] < 0.4 * bytes_since


@pytest.mark.skipif(not os.path.exists("/proc/self/statm"), reason="reads /proc")
def test_memory_maps_let_go_of_their_pages(tmp_path, rng):
    shape = (200, 256, 256)
    noisy = np.memmap(tmp_path / "noisy.raw", np.float32, "w+", shape=shape)
    noisy[:] = rng.normal(size=shape[1:])
    noisy.flush()
    source = np.memmap(tmp_path / "noisy.raw", np.float32, "r", shape=shape)
    target = np.memmap(tmp_path / "clean.raw", np.float32, "w+", shape=shape)
    denoiser = Copy().fit(source[0])
    del noisy
    before = resident()
    denoise_frames(denoiser, source, target, verbose=0)
    assert resident() - before < 0.1 * 2 * source.nbytes
    np.testing.assert_array_equal(target[77], denoiser.transform(source[77]))


def test_a_bad_frame_is_named_and_no_file_is_left(tmp_path, movie):
    denoiser = AdaptiveWiener().fit(movie)
    movie[3] = np.nan
    with pytest.raises(ValueError, match="Frame 3 of 5: Input X contains NaN"):
        denoise_frames(denoiser, movie, tmp_path / "clean.tif")
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    ("source", "target", "sentence"),
    [
        (np.ones((4, 4)), np.ones((4, 4)), r"Expected a movie .* got the shape \(4, 4\)"),
        (np.ones((2, 4, 4)), np.ones((3, 4, 4)), r"Expected a target of the shape \(2, 4, 4\)"),
    ],
)
def test_shapes_have_to_fit(source, target, sentence, movie):
    with pytest.raises(ValueError, match=sentence):
        denoise_frames(AdaptiveWiener().fit(movie), source, target)


def test_a_list_of_frames_is_no_movie(movie):
    with pytest.raises(ValueError, match=r"in a file or an array, got a list;"):
        denoise_frames(AdaptiveWiener().fit(movie[0]), list(movie), np.empty_like(movie))


def test_a_denoiser_without_a_fit_is_refused(movie):
    with pytest.raises(NotFittedError):
        denoise_frames(AdaptiveWiener(), movie, np.empty_like(movie))


def test_a_denoiser_with_context_gives_what_it_gives_for_the_whole_movie(hurried):
    movie = make_movie("drift", (40, 32), 7, random_state=0)[1]
    denoiser = hurried(Noise2SR, context=1).fit(movie)
    expected, denoised = denoiser.transform(movie), np.empty_like(movie)
    denoise_frames(denoiser, movie, denoised)
    np.testing.assert_array_equal(denoised, expected)
    dask_array = pytest.importorskip("dask.array")
    for chunk in (1, 3, 7):
        lazy = transform_lazily(denoiser, dask_array.from_array(movie, chunks=(chunk, 40, 32)))
        assert lazy.chunks[0] == dask_array.from_array(movie, chunks=(chunk, 40, 32)).chunks[0]
        np.testing.assert_allclose(lazy.compute(), expected, atol=1e-5)
    movie[4, 0, 0] = np.inf
    with pytest.raises(ValueError, match="Expected a target of the shape"):
        denoise_frames(denoiser, movie, np.empty((1, 40, 32)))


def test_frames_with_context_are_asked_for_as_late_as_can_be(hurried):
    movie = make_movie("still", (32, 32), 9, random_state=0)[1]
    denoiser = hurried(Noise2SR, context=1).fit(movie)
    asked = []

    def frames():
        for number, frame in enumerate(movie):
            asked.append(number)
            yield frame

    for number, _ in enumerate(denoiser.transform_frames(frames())):
        assert asked[-1] <= number + denoiser.context_.delay
