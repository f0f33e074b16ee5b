"""Pictures: grey values as they are, and a sentence for what is no grey picture."""

import struct
import warnings
import zlib

import numpy as np
import pytest
from PIL import Image

from sk_noise2sr.cli import main
from sk_noise2sr.io import Calibration, image_names, open_frames, read_image, read_images

GREY = np.arange(35, dtype=np.uint8).reshape(5, 7) * 7


def chunk(kind, body):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(path, width, height, bits, kind, rows=b""):
    """Write what Pillow does not: 16 bits of several channels, or a header that lies."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, kind, 0, 0, 0))
    body = chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + header + body)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, bool])
def test_grey_values_come_back_as_they_were(dtype, tmp_path):
    data = (GREY > 100) if dtype is bool else GREY.astype(dtype) * (257 if dtype != np.uint8 else 1)
    Image.fromarray(data).save(tmp_path / "frame.PNG", format="PNG")
    result, calibration = read_image(tmp_path / "frame.PNG")
    np.testing.assert_array_equal(result, data)
    assert result.dtype == dtype
    assert calibration == Calibration()
    assert image_names(tmp_path / "frame.PNG") == ["frame"]


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "LA", "P"])
def test_equal_channels_are_grey(mode, tmp_path):
    Image.fromarray(GREY).convert(mode).save(tmp_path / "frame.png")
    np.testing.assert_array_equal(read_image(tmp_path / "frame.png")[0], GREY, strict=True)


def test_a_jpeg_warns_of_what_compression_did(tmp_path):
    Image.fromarray(GREY).save(tmp_path / "frame.jpg", quality=100)
    with pytest.warns(UserWarning, match=r"^frame\.jpg is a JPEG file, whose compression has"):
        result, _ = read_image(tmp_path / "frame.jpg")
    np.testing.assert_allclose(result, GREY, atol=3)


def colour(path):
    Image.fromarray(np.stack([GREY, GREY, GREY + 1], axis=-1)).save(path)


def transparent(path):
    Image.fromarray(np.dstack([GREY, GREY])).save(path)


def deep(path):
    png(path, 2, 1, 16, 2, b"\0" + bytes(12))


def animated(path):
    frames = [Image.fromarray(GREY + n) for n in range(2)]
    frames[0].save(path, save_all=True, append_images=frames[1:])


def huge(path):
    png(path, 2**30, 2**30, 8, 0)


def large(path):
    png(path, 2**15, 2**15, 8, 0)


def cut_short(path):
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (64, 64), np.uint8)).save(path)
    path.write_bytes(path.read_bytes()[:2000])


def of_another_kind(path):
    Image.fromarray(GREY).save(path, format="BMP")


@pytest.mark.parametrize(
    ("write", "reason"),
    [
        (colour, "expected grey values, got a colour image; convert it to grey"),
        (transparent, "expected grey values, got transparency; save it without"),
        (deep, "expected grey values, got 16 bits of several channels; convert it"),
        (animated, "expected one picture, got an animation; save its frames as TIFF"),
        (huge, ""),
        (large, "limit of .* pixels"),
        (cut_short, "truncated"),
        (of_another_kind, "cannot identify image file"),
    ],
)
def test_what_is_no_grey_picture_gets_a_sentence(write, reason, tmp_path):
    write(tmp_path / "frame.png")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises((ValueError, OSError), match=rf"^frame\.png cannot be read: .*{reason}"):
            read_images(tmp_path / "frame.png")


def test_a_picture_is_no_movie(tmp_path):
    Image.fromarray(GREY).save(tmp_path / "frame.png")
    with (
        pytest.raises(ValueError, match=r"movies with the suffix '\.png' are not known"),
        open_frames(tmp_path / "frame.png"),
    ):
        pass


def test_its_result_is_a_tiff(tmp_path, noisy):
    scaled = np.interp(noisy, (noisy.min(), noisy.max()), (0, 65535)).astype(np.uint16)
    Image.fromarray(scaled).save(tmp_path / "frame.png")
    assert main(["denoise", str(tmp_path / "frame.png"), "--method", "vstbm3d"]) == 0
    assert read_image(tmp_path / "frame_denoised.tif")[0].shape == noisy.shape
