"""The command line, as a user types it: exit codes, one line on stderr, files as promised."""

import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from sk_noise2sr import VSTBM3D, AdaptiveWiener
from sk_noise2sr.cli import _denoise
from sk_noise2sr.cli._methods import find_methods
from sk_noise2sr.io import Calibration, read_image, read_images, read_provenance, write_image

METHODS = find_methods()
FAST = ["--epochs", "1", "--M", "4", "--crop-size", "32", "--random-state", "0", "--verbose", "0"]
WIENER = ["--method", "adaptivewiener"]


def test_denoise_writes_float32_in_the_units_of_the_input(run, folder, noisy, capsys):
    assert run("denoise", "frame.tif", "-o", "clean.tif", *FAST) == 0
    denoised, calibration = read_image("clean.tif")
    assert denoised.dtype == np.float32
    assert denoised.shape == noisy.shape
    assert denoised.mean() == pytest.approx(noisy.mean(), rel=0.1)
    assert calibration == Calibration(pixel_size=(0.02, 0.02), unit="nm")
    assert capsys.readouterr().out.startswith("frame.tif: 64 x 64, noise2sr, binning ")


def test_the_default_name_is_that_of_the_input_and_denoised(run, folder):
    assert run("denoise", "frame.tif", *WIENER) == 0
    assert sorted(path.name for path in folder.iterdir()) == ["frame.tif", "frame_denoised.tif"]


def test_pages_of_a_stack_and_their_interval_are_kept(run, folder, noisy):
    calibration = Calibration((0.1, 0.1), "nm", frame_interval=0.04)
    write_image("movie.tif", np.stack([noisy] * 3).astype("float32"), calibration)
    assert run("denoise", "movie.tif", *WIENER) == 0
    denoised, kept = read_image("movie_denoised.tif")
    assert denoised.shape == (3, 64, 64)
    assert kept.frame_interval == pytest.approx(0.04)


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float64"])
def test_npy_of_any_type_comes_back_as_float32(run, folder, noisy, dtype):
    np.save("frame.npy", (20 * noisy).astype(dtype))
    assert run("denoise", "frame.npy", *WIENER) == 0
    assert np.load("frame_denoised.npy").dtype == np.float32


def test_a_picture_is_drawn(run, folder):
    pytest.importorskip("matplotlib")
    assert run("denoise", "frame.tif", "--picture", "look.png", *WIENER) == 0
    assert (folder / "look.png").read_bytes().startswith(b"\x89PNG")


def test_hyperparameters_reach_the_estimator(run, folder, capsys):
    assert run("denoise", "frame.tif", *FAST, "--epochs", "2", "--binning", "1.5") == 0
    assert "binning 1.5, 40 steps" in capsys.readouterr().out


@pytest.mark.parametrize("method", METHODS)
def test_every_method_denoises(run, folder, noisy, clean, few_steps, method):
    # Few steps may learn too little, and those of batch normalisation scatter: of that one, what is
    # asked is an image.
    words, gain = ["--force"], 1 if method == "superviseddenoiser" else 2
    if METHODS[method]._needs_target:
        write_image("target.tif", clean.astype("float32"))
        words += ["--target", "target.tif", "--random-state", "0"]
    assert run("denoise", "frame.tif", "-o", "clean.tif", "--method", method, *words) == 0
    denoised, calibration = read_image("clean.tif")
    assert denoised.shape == noisy.shape
    assert np.abs(denoised - clean).mean() < np.abs(noisy - clean).mean() / gain
    assert calibration.pixel_size == (0.02, 0.02)


def test_every_method_may_be_told_to_be_silent(run, folder, capsys):
    assert run("denoise", "frame.tif", "--method", "vstbm3d", "--verbose", "0") == 0
    run("denoise", "--help", "--method", "vstbm3d")
    assert "--verbose" not in capsys.readouterr().out


def test_a_method_may_be_written_as_its_class(run, folder, capsys):
    words = ["--method=AdaptiveWiener", "--window", "5", "--preset", "paper"]
    assert run("denoise", "frame.tif", *words) == 0
    expected = "frame.tif: 64 x 64, adaptivewiener, [0-9.]+ s -> frame_denoised.tif\n"
    assert re.fullmatch(expected, capsys.readouterr().out)
    noisy = read_image("frame.tif")[0]
    same = AdaptiveWiener(window=5, border="zero").fit_transform(noisy)
    np.testing.assert_array_equal(read_image("frame_denoised.tif")[0], same)


def test_a_tuple_reaches_the_estimator(run, folder, noisy):
    assert run("denoise", "frame.tif", "--method", "vstbm3d", "--noise", "0.125, 0") == 0
    expected = VSTBM3D(noise=(0.125, 0)).fit_transform(noisy.astype("float32"))
    np.testing.assert_array_equal(read_image("frame_denoised.tif")[0], expected)


def test_ctrl_c_writes_nothing_and_is_no_success(folder):
    command = [sys.executable, "-m", "sk_noise2sr", "denoise", "frame.tif", "--verbose", "2"]
    process = subprocess.Popen(
        [*command, "--epochs", "10000"],
        stderr=subprocess.PIPE,
        bufsize=0,
        text=False,
        # Programs in the background of a shell ignore Ctrl-C.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    seen = b""
    while b"loss=" not in seen:  # training has begun
        more = process.stderr.read(64)
        assert more, seen.decode()  # else a process that died would be waited for
        seen += more
    process.send_signal(signal.SIGINT)
    rest = process.communicate(timeout=60)[1].decode()
    assert process.returncode == 1
    assert rest.strip().endswith("sk-noise2sr: interrupted; nothing was written")
    assert "Traceback" not in rest
    assert [path.name for path in folder.iterdir()] == ["frame.tif"]


def test_a_file_whose_name_begins_with_a_dash(run, folder, capsys):
    shutil.copy("frame.tif", "-frame.tif")
    assert run("denoise", "frame.tif", "-frame.tif") == 2
    assert "the file of that name is ./-frame.tif" in capsys.readouterr().err
    assert run("denoise", "./-frame.tif", *WIENER) == 0


def test_a_crop_is_denoised_alone_and_keeps_its_place(run, folder, noisy, capsys):
    words = [*WIENER, "--crop", "8:40,16:"]
    assert run("denoise", "frame.tif", "-o", "part.zarr", *words) == 0
    record = read_images("part.zarr")[0]
    expected = AdaptiveWiener().fit_transform(noisy.astype("float32")[8:40, 16:])
    np.testing.assert_array_equal(record.data, expected)
    assert [axis.offset for axis in record.axes] == pytest.approx([8 * 0.02, 16 * 0.02])
    assert read_provenance("part.zarr")["crop"] == "8:40,16:"
    assert run("denoise", "frame.tif", "--crop", "0:65,:", *WIENER) == 1
    assert "rows 0:65 and columns 0: do not lie in an image of 64 x 64" in capsys.readouterr().err


def test_a_result_of_another_part_is_made_again(run, folder, capsys):
    words = ["denoise", "frame.tif", "-o", "out/", *WIENER, "--resume"]
    assert run(*words, "--crop", "0:32,0:32") == 0
    assert run(*words, "--crop", "0:32,0:32") == 0
    assert "skipped" in capsys.readouterr().out
    assert run(*words) == 0
    assert "was made from another part of its input" in capsys.readouterr().err
    assert read_image("out/frame.tif")[0].shape == (64, 64)


def test_a_preview_draws_a_part_and_writes_no_result(run, folder, capsys):
    pytest.importorskip("matplotlib")
    words = ["denoise", "frame.tif", "--preview", *WIENER]
    assert run(*words, "--crop", ":32,:", "--picture", "look.png") == 0
    assert "frame.tif, 0:32,0:: 32 x 64, adaptivewiener" in capsys.readouterr().out
    assert {path.name for path in folder.iterdir()} == {"frame.tif", "look.png"}
    assert run(*words, "--picture", "look.png") == 2
    assert "look.png exists; pass --force" in capsys.readouterr().err
    assert run(*words, "-o", "clean.tif") == 2
    assert "--output is not for --preview" in capsys.readouterr().err
    assert run(*words) == 0
    picture = Path(capsys.readouterr().out.rpartition("picture -> ")[2].strip())
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert picture.parent != folder
    shutil.rmtree(picture.parent)


def test_a_preview_takes_the_instant_preset(run, folder, monkeypatch):
    made = []
    monkeypatch.setattr(
        _denoise, "preview", lambda source, denoiser, arguments: made.append(denoiser)
    )
    run("denoise", "frame.tif", "--preview")
    run("denoise", "frame.tif", "--preview", "--preset", "default")
    assert [denoiser.epochs for denoiser in made] == [7, 48]


def test_info_names_versions_device_and_threads(run, capsys):
    assert run("info") == 0
    rows = dict(line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines())
    assert {"sk_noise2sr", "torch", "device", "threads", "scikit-learn"} <= set(rows)
    assert int(rows["threads"]) >= 1


def test_the_module_runs_as_a_program(folder):
    command = [sys.executable, "-m", "sk_noise2sr", "denoise", "missing.tif"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 1
    assert result.stderr.startswith("sk-noise2sr: missing.tif does not exist")
    assert "Traceback" not in result.stderr


@pytest.mark.slow
def test_demo_denoises_and_draws(run, tmp_path, capsys):
    pytest.importorskip("matplotlib")
    assert run("demo", "-o", tmp_path / "out") == 0
    text = capsys.readouterr().out
    figures = {line.split(":")[0]: float(line.split()[1]) for line in text.splitlines()[:2]}
    assert figures["denoised"] > figures["noisy"] + 10
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        "denoised.tif",
        "comparison.png",
    }
