"""TIFF that is damaged, or no image: one sentence, and no invented pixel."""

import tracemalloc
from importlib.util import find_spec

import numpy as np
import pytest
import tifffile
from PIL import Image

from sk_noise2sr.io import _safe_open, read_image, write_image

STACK = np.arange(5 * 32 * 32, dtype=np.float32).reshape(5, 32, 32)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "frame.tif"


def outcome(path):
    """Return the pixels, or the sentence that refuses them."""
    try:
        return read_image(path)[0]
    except (ValueError, OSError) as error:
        return str(error)


def is_one_sentence(outcome):
    return (
        outcome.startswith(("frame.tif cannot be read: ", "frame.tif holds "))
        and "\n" not in outcome
    )


@pytest.mark.parametrize("layout", ["contig", "separate"])
def test_colour_is_refused(layout, path):
    shape = (8, 8, 3) if layout == "contig" else (3, 8, 8)
    colours = np.arange(192, dtype=np.uint8).reshape(shape)
    tifffile.imwrite(path, colours, photometric="rgb", planarconfig=layout)
    with pytest.raises(ValueError, match=r"^frame\.tif .*got a colour image \(RGB\)"):
        read_image(path)


def test_complex_numbers_are_refused(path):
    tifffile.imwrite(path, STACK.astype(np.complex64))
    with pytest.raises(ValueError, match=r"^frame\.tif .*expected real numbers, got complex64"):
        read_image(path)


@pytest.mark.parametrize("kind", ["imagej", "ome"])
def test_a_fourth_axis_is_refused(kind, path):
    data = np.zeros((2, 5, 8, 8), np.float32)
    tifffile.imwrite(path, data, **{kind: True}, metadata={"axes": "TZYX"})
    with pytest.raises(
        ValueError, match=r"^frame\.tif .*expected an image .* or a stack.*; save one"
    ):
        read_image(path)


@pytest.mark.skipif(find_spec("imagecodecs") is not None, reason="imagecodecs reads it")
def test_a_missing_codec_is_named(path):
    Image.fromarray(STACK[0]).save(path, compression="tiff_lzw")
    with pytest.raises(ValueError, match=r"compressed with LZW; pip install imagecodecs\.$"):
        read_image(path)


def test_the_declared_size_is_checked_before_reading(path):
    tifffile.imwrite(path, STACK, description='{"shape": [8589934592, 32, 32]}', metadata=None)
    with pytest.raises(ValueError, match=r"^frame\.tif .* 3\.28e\+04 GiB .* limit of 8 GiB"):
        read_image(path)


def test_the_limit_includes_itself(path, monkeypatch):
    write_image(path, STACK)
    monkeypatch.setattr(_safe_open, "MAX_BYTES", STACK.nbytes)
    read_image(path)
    monkeypatch.setattr(_safe_open, "MAX_BYTES", STACK.nbytes - 1)
    with pytest.raises(ValueError, match="above the limit"):
        read_image(path)


def test_planes_that_are_not_there_take_no_memory(path):
    """Such a header makes tifffile itself fill memory."""
    tifffile.imwrite(path, STACK, ome=True, metadata={"axes": "TYX"})
    with tifffile.TiffFile(path) as tiff:
        header = tiff.ome_metadata.replace('SizeT="5"', 'SizeT="10000000"')
    tifffile.imwrite(
        path, STACK, photometric="minisblack", description=header.encode(), metadata=None
    )
    tracemalloc.start()
    assert read_image(path)[0].shape == STACK.shape
    assert tracemalloc.get_traced_memory()[1] < 10e6
    tracemalloc.stop()


def test_a_text_file_is_no_tiff(path, caplog, capfd):
    path.write_text("x,y\n1,2\n" * 100)
    with pytest.raises(ValueError, match=r"^frame\.tif cannot be read: not a TIFF file"):
        read_image(path)
    assert not caplog.records
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(("kind", "name"), [("JPEG", "JPEG"), ("PNG", "PNG"), ("GIF", "GIF")])
def test_a_file_of_another_kind_is_named(kind, name, path):
    Image.fromarray(STACK[0].astype(np.uint8)).save(path, format=kind)
    with pytest.raises(ValueError, match=f"expected a TIFF file, got {name}; convert it"):
        read_image(path)


LAYOUTS = {
    "imagej": {"imagej": True},
    "ome": {"ome": True},
    "zlib": {"compression": "zlib"},
    "tiles": {"tile": (16, 16), "compression": "zlib"},
    "plain pages": {"metadata": None},
}


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
def test_a_truncated_file_is_refused_or_complete(layout, path, caplog, capfd):
    """Never half a stack, never zeros instead of pixels."""
    tifffile.imwrite(path, STACK, photometric="minisblack", **layout)
    content = path.read_bytes()
    for n_bytes in range(1, len(content), len(content) // 60):
        path.write_bytes(content[:n_bytes])
        result = outcome(path)
        if isinstance(result, str):
            assert is_one_sentence(result)
        else:
            np.testing.assert_array_equal(result, STACK)
    assert not caplog.records
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
@pytest.mark.parametrize("offset", [0, 10_000_000])
def test_pixels_that_were_never_written_are_not_invented(layout, offset, path):
    tifffile.imwrite(path, STACK, photometric="minisblack", **layout)
    with tifffile.TiffFile(path, mode="r+") as tiff:
        tag = tiff.pages.first.tags["TileOffsets" if "tile" in layout else "StripOffsets"]
        tag.overwrite((offset,) * tag.count)
    with pytest.raises(ValueError, match=r"^frame\.tif .* (incomplete|damaged)"):
        read_image(path)


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
def test_a_damaged_header_is_one_sentence(layout, path):
    """Random bytes of the header are replaced; no other kind of exception gets out."""
    tifffile.imwrite(path, STACK, photometric="minisblack", **layout)
    content = np.fromfile(path, np.uint8)
    rng = np.random.default_rng(0)
    for _ in range(100):
        damaged = content.copy()
        damaged[rng.integers(0, 800, 3)] = rng.integers(0, 256, 3)
        damaged.tofile(path)
        result = outcome(path)
        assert isinstance(result, np.ndarray) or is_one_sentence(result)
