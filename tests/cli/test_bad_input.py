"""Files that are no images, and words that are no options: one line, and nothing written."""

import re

import numpy as np
import pytest
import tifffile

from sk_noise2sr.io import write_image

FAST = ["--epochs", "1", "--M", "4", "--crop-size", "32", "--random-state", "0", "--verbose", "0"]


def test_an_existing_file_is_only_replaced_with_force(run, folder, capsys):
    (folder / "clean.tif").write_bytes(b"precious")
    assert run("denoise", "frame.tif", "-o", "clean.tif", *FAST) == 1
    assert "clean.tif exists; pass --force" in capsys.readouterr().err
    assert (folder / "clean.tif").read_bytes() == b"precious"
    assert run("denoise", "frame.tif", "-o", "clean.tif", "--force", *FAST) == 0
    assert (folder / "clean.tif").read_bytes() != b"precious"


def test_the_input_is_never_overwritten(run, folder, capsys):
    before = (folder / "frame.tif").read_bytes()
    assert run("denoise", "frame.tif", "-o", "./frame.tif", "--force", *FAST) == 2
    assert "is an input" in capsys.readouterr().err
    assert (folder / "frame.tif").read_bytes() == before


def spoil_missing(path):
    path.unlink()


def spoil_text(path):
    path.write_text("this is no image")


def spoil_colour(path):
    path.unlink()
    colours = np.arange(768, dtype=np.uint8).reshape(16, 16, 3)
    tifffile.imwrite(path, colours, photometric="rgb")


def spoil_complex(path):
    path.unlink()
    tifffile.imwrite(path, np.ones((16, 16), np.complex64))


def spoil_nan(path):
    path.unlink()
    tifffile.imwrite(path, np.full((16, 16), np.nan, np.float32))


def spoil_line(path):
    path.unlink()
    tifffile.imwrite(path, np.ones((1, 48), np.float32) * np.arange(48, dtype=np.float32))


def spoil_truncate(path):
    path.write_bytes(path.read_bytes()[:2000])


SPOILT = [
    (spoil_missing, "does not exist"),
    (spoil_text, "cannot be read"),
    (spoil_colour, "cannot be read: .*(RGB|colour)"),
    (spoil_complex, "cannot be read: .*complex"),
    (spoil_nan, "contains NaN"),
    (spoil_line, "Expected sides of at least 2 pixels, got an image of 1 x 48"),
    (spoil_truncate, "cannot be read"),
]


@pytest.mark.parametrize(("spoil", "message"), SPOILT)
def test_a_bad_file_gets_one_line_and_exit_code_1(run, folder, capsys, spoil, message):
    spoil(folder / "frame.tif")
    assert run("denoise", "frame.tif", "-o", "clean.tif", *FAST) == 1
    lines = capsys.readouterr().err.strip().splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("sk-noise2sr: ")
    assert re.search(message, lines[0])
    assert not (folder / "clean.tif").exists()


@pytest.mark.parametrize(
    ("gain", "offset", "message"),
    [(1e-3, 1e6, "contrast too fine for float32"), (1e40, 0, "too large for float32")],
)
@pytest.mark.parametrize("pixel", [None, np.nan, np.inf])
def test_what_float32_cannot_hold_is_refused(
    run, folder, noisy, capsys, gain, offset, message, pixel
):
    noisy = gain * noisy.astype(float) + offset
    noisy[3, 3] = noisy[3, 3] if pixel is None else pixel
    np.save("frame.npy", noisy)
    assert run("denoise", "frame.npy", *FAST) == 1
    assert message in capsys.readouterr().err
    assert not (folder / "frame_denoised.npy").exists()


def test_an_infinite_pixel_is_bad_and_a_frame_of_them_no_image(run, folder, noisy, capsys):
    noisy[3, 3] = np.inf
    np.save("frame.npy", noisy)
    assert run("denoise", "frame.npy", "--method", "adaptivewiener") == 0
    assert np.isfinite(np.load("frame_denoised.npy")).all()
    np.save("nan.npy", np.full((8, 8), np.nan))
    assert run("denoise", "nan.npy", "--method", "adaptivewiener") == 1
    assert "nan.npy contains NaN or infinity alone" in capsys.readouterr().err


def test_an_empty_array_gets_one_line(run, folder, capsys):
    np.save("empty.npy", np.empty((0, 5)))
    assert run("denoise", "empty.npy", *FAST) == 1
    assert len(capsys.readouterr().err.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--stride", "1"], "argument --stride: expected int >= 2, got 1"),
        (["--encoder", "resnet"], "argument --encoder: expected one of compact, unet, unet_untied"),
        (["--encoder", "dncn"], "got dncn; did you mean dncnn?"),
        (["--epochs", "many"], "argument --epochs: expected int >= 1, got many"),
        (["--epochs", "1000000"], "'epochs' parameter of Noise2SR must be an int in the range"),
        (["--held-out", "0.5"], "argument --held-out: expected float in [0, 0.5), got 0.5"),
        (["--noise", "1"], "argument --noise: expected tuple of two float or None, got 1"),
        (
            ["--no-such-option", "1"],
            "unknown option --no-such-option; sk-noise2sr denoise --help-all",
        ),
        (["--strid", "2"], "unknown option --strid; did you mean --stride?"),
        (["--crop", "7"], "expected Y0:Y1,X0:X1, such as 0:256,0:256, got '7'"),
        (["-o", "clean.docx"], "clean.docx has the suffix '.docx'; known are"),
        (["-o", "nowhere/clean.tif"], "the folder nowhere does not exist"),
    ],
)
def test_wrong_usage_gets_exit_code_2_and_writes_nothing(run, folder, capsys, words, message):
    code = run("denoise", "frame.tif", *FAST, *words)
    assert message in capsys.readouterr().err
    assert code == (1 if "-o" in words else 2)
    assert [path.name for path in folder.iterdir()] == ["frame.tif"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ["--method", "sharpen"],
            "unknown method 'sharpen'; known are adaptivewiener, fbidenoiser",
        ),
        (["--method", "vstbm3"], "unknown method 'vstbm3'; did you mean vstbm3d?"),
        (["--method"], "expected one argument"),
        (["--method", "zsn2n", "--stride", "2"], "unknown option --stride"),
        (
            ["--method", "adaptivewiener", "--preset", "best"],
            "unknown preset 'best'; known are default, paper",
        ),
        (["--method", "noise2noise"], "noise2noise learns from pairs of images: give a second"),
        (["--target", "frame.tif"], "noise2sr learns from IN alone; leave out --target"),
    ],
)
def test_wrong_methods_and_targets_are_wrong_usage(run, folder, capsys, words, message):
    assert run("denoise", "frame.tif", *words) == 2
    assert message in capsys.readouterr().err
    assert [path.name for path in folder.iterdir()] == ["frame.tif"]


def test_a_target_has_the_size_of_the_image_and_is_never_overwritten(run, folder, noisy, capsys):
    write_image("half.tif", noisy[:32].astype("float32"))
    words = ["denoise", "frame.tif", "--method", "noise2noise", "--target", "half.tif"]
    assert run(*words) == 1
    assert "half.tif is 32 x 64 and frame.tif is 64 x 64" in capsys.readouterr().err
    assert run(*words, "-o", "half.tif", "--force") == 2
    assert "half.tif is an input" in capsys.readouterr().err


def test_a_picture_replaces_no_file_without_force(run, folder, capsys):
    (folder / "look.png").write_bytes(b"precious")
    assert run("denoise", "frame.tif", "--picture", "look.png", *FAST) == 2
    assert "look.png exists; pass --force" in capsys.readouterr().err
    assert (folder / "look.png").read_bytes() == b"precious"
