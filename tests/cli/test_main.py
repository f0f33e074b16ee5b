"""The command line, as a user types it: exit codes, one line on stderr, files as promised."""

import inspect
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tifffile

from sk_noise2sr import VSTBM3D, AdaptiveWiener, denoisers
from sk_noise2sr.cli import _denoise, main
from sk_noise2sr.cli._methods import find_methods, needs_target
from sk_noise2sr.cli._source import read_words
from sk_noise2sr.io import Calibration, read_image, read_images, read_provenance, write_image

METHODS = find_methods()
FAST = ["--epochs", "1", "--M", "4", "--crop-size", "32", "--random-state", "0", "--verbose", "0"]


@pytest.fixture
def folder(tmp_path, monkeypatch, noisy):
    """Step into a folder with a calibrated noisy image."""
    monkeypatch.chdir(tmp_path)
    calibration = Calibration(pixel_size=(0.02, 0.02), unit="nm")
    write_image("frame.tif", noisy.astype("float32"), calibration)
    return tmp_path


def run(*words):
    """Run the command line in this process; return its exit code."""
    try:
        return main([str(word) for word in words])
    except SystemExit as stop:  # argparse
        return stop.code


def test_denoise_writes_float32_in_the_units_of_the_input(folder, noisy, capsys):
    assert run("denoise", "frame.tif", "-o", "clean.tif", *FAST) == 0
    denoised, calibration = read_image("clean.tif")
    assert denoised.dtype == np.float32
    assert denoised.shape == noisy.shape
    assert denoised.mean() == pytest.approx(noisy.mean(), rel=0.1)
    assert calibration == Calibration(pixel_size=(0.02, 0.02), unit="nm")
    assert capsys.readouterr().out.startswith("frame.tif: 64 x 64, noise2sr, binning ")


def test_the_default_name_is_that_of_the_input_and_denoised(folder):
    assert run("denoise", "frame.tif", *FAST) == 0
    assert sorted(path.name for path in folder.iterdir()) == ["frame.tif", "frame_denoised.tif"]


def test_pages_of_a_stack_and_their_interval_are_kept(folder, noisy):
    calibration = Calibration((0.1, 0.1), "nm", frame_interval=0.04)
    write_image("movie.tif", np.stack([noisy] * 3).astype("float32"), calibration)
    assert run("denoise", "movie.tif", *FAST) == 0
    denoised, kept = read_image("movie_denoised.tif")
    assert denoised.shape == (3, 64, 64)
    assert kept.frame_interval == pytest.approx(0.04)


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float64"])
def test_npy_of_any_type_comes_back_as_float32(folder, noisy, dtype):
    np.save("frame.npy", (20 * noisy).astype(dtype))
    assert run("denoise", "frame.npy", *FAST) == 0
    assert np.load("frame_denoised.npy").dtype == np.float32


def test_a_picture_is_drawn(folder):
    pytest.importorskip("matplotlib")
    assert run("denoise", "frame.tif", "--picture", "look.png", *FAST) == 0
    assert (folder / "look.png").read_bytes().startswith(b"\x89PNG")


def test_an_existing_file_is_only_replaced_with_force(folder, capsys):
    (folder / "clean.tif").write_bytes(b"precious")
    assert run("denoise", "frame.tif", "-o", "clean.tif", *FAST) == 1
    assert "clean.tif exists; pass --force" in capsys.readouterr().err
    assert (folder / "clean.tif").read_bytes() == b"precious"
    assert run("denoise", "frame.tif", "-o", "clean.tif", "--force", *FAST) == 0
    assert (folder / "clean.tif").read_bytes() != b"precious"


def test_the_input_is_never_overwritten(folder, capsys):
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
    tifffile.imwrite(path, np.zeros((16, 16, 3), np.uint8), photometric="rgb")


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
def test_a_bad_file_gets_one_line_and_exit_code_1(folder, capsys, spoil, message):
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
def test_what_float32_cannot_hold_is_refused(folder, noisy, capsys, gain, offset, message, pixel):
    noisy = gain * noisy.astype(float) + offset
    noisy[3, 3] = noisy[3, 3] if pixel is None else pixel
    np.save("frame.npy", noisy)
    assert run("denoise", "frame.npy", *FAST) == 1
    assert message in capsys.readouterr().err
    assert not (folder / "frame_denoised.npy").exists()


def test_an_infinite_pixel_is_bad_and_a_frame_of_them_no_image(folder, noisy, capsys):
    noisy[3, 3] = np.inf
    np.save("frame.npy", noisy)
    assert run("denoise", "frame.npy", "--method", "adaptivewiener") == 0
    assert np.isfinite(np.load("frame_denoised.npy")).all()
    np.save("nan.npy", np.full((8, 8), np.nan))
    assert run("denoise", "nan.npy", "--method", "adaptivewiener") == 1
    assert "nan.npy: no pixel is a finite number" in capsys.readouterr().err


def test_an_empty_array_gets_one_line(folder, capsys):
    np.save("empty.npy", np.empty((0, 5)))
    assert run("denoise", "empty.npy", *FAST) == 1
    assert len(capsys.readouterr().err.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--stride", "1"], "'stride' parameter of Noise2SR must be an int in the range"),
        (["--encoder", "resnet"], "'encoder' parameter of Noise2SR must be a str among"),
        (["--epochs", "many"], "'epochs' parameter of Noise2SR must be an int"),
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
def test_wrong_usage_gets_exit_code_2_and_writes_nothing(folder, capsys, words, message):
    code = run("denoise", "frame.tif", *FAST, *words)
    assert message in capsys.readouterr().err
    assert code == (1 if "-o" in words else 2)
    assert [path.name for path in folder.iterdir()] == ["frame.tif"]


def test_hyperparameters_reach_the_estimator(folder, capsys):
    assert run("denoise", "frame.tif", *FAST, "--epochs", "2", "--binning", "1.5") == 0
    assert "binning 1.5, 40 steps" in capsys.readouterr().out


@pytest.mark.parametrize("method", METHODS)
def test_help_names_every_hyperparameter_of_the_method(capsys, method):
    assert run("denoise", "--method", method, "--help-all") == 0
    text = capsys.readouterr().out
    assert f"hyperparameters of {METHODS[method].__name__}:" in text
    names = set(METHODS[method]().get_params()) - {"training"}  # its settings are there one by one
    for name in names:
        name = name.removeprefix("training__")
        assert f"--{name.replace('_', '-')}" in text
    for preset in METHODS[method]._presets:
        assert preset in text


@pytest.mark.parametrize("method", METHODS)
def test_the_source_of_a_method_names_what_its_class_takes(method):
    parameters, presets = read_words("denoisers", method)
    known = inspect.signature(METHODS[method]).parameters
    flags = {name: isinstance(parameter.default, bool) for name, parameter in known.items()}
    assert (parameters, set(presets)) == (flags, set(METHODS[method]._presets))


def test_there_is_no_source_of_a_method_of_elsewhere():
    assert read_words("denoisers", "my_module:Mine") is None


def test_help_without_a_method_is_that_of_noise2sr_and_lists_all_methods(capsys):
    assert run("denoise", "--help-all") == 0
    text = capsys.readouterr().out
    assert "Side of a cell, in pixels, at least 2." in " ".join(text.split())
    listed = re.findall(r"(?m)^  (\w+)  +[A-Z]", text.partition("methods:\n")[2])
    assert listed == sorted(name.lower() for name in denoisers.__all__)


@pytest.mark.parametrize("method", METHODS)
def test_every_method_denoises(folder, noisy, clean, few_steps, method):
    # Few steps may learn too little, and those of batch normalisation scatter: of that one, what is
    # asked is an image.
    words, gain = ["--force"], 1 if method == "superviseddenoiser" else 2
    if needs_target(METHODS[method]):
        write_image("target.tif", clean.astype("float32"))
        words += ["--target", "target.tif", "--random-state", "0"]
    assert run("denoise", "frame.tif", "-o", "clean.tif", "--method", method, *words) == 0
    denoised, calibration = read_image("clean.tif")
    assert denoised.shape == noisy.shape
    assert np.abs(denoised - clean).mean() < np.abs(noisy - clean).mean() / gain
    assert calibration.pixel_size == (0.02, 0.02)


def test_every_method_may_be_told_to_be_silent(folder, capsys):
    assert run("denoise", "frame.tif", "--method", "vstbm3d", "--verbose", "0") == 0
    run("denoise", "--help", "--method", "vstbm3d")
    assert "--verbose" not in capsys.readouterr().out


def test_a_method_may_be_written_as_its_class(folder, capsys):
    words = ["--method=AdaptiveWiener", "--window", "5", "--preset", "paper"]
    assert run("denoise", "frame.tif", *words) == 0
    expected = "frame.tif: 64 x 64, adaptivewiener, [0-9.]+ s -> frame_denoised.tif\n"
    assert re.fullmatch(expected, capsys.readouterr().out)
    noisy = read_image("frame.tif")[0]
    same = AdaptiveWiener(window=5, border="zero").fit_transform(noisy)
    np.testing.assert_array_equal(read_image("frame_denoised.tif")[0], same)


def test_a_tuple_reaches_the_estimator(folder, noisy):
    assert run("denoise", "frame.tif", "--method", "vstbm3d", "--noise", "0.125, 0") == 0
    expected = VSTBM3D(noise=(0.125, 0)).fit_transform(noisy.astype("float32"))
    np.testing.assert_array_equal(read_image("frame_denoised.tif")[0], expected)


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
def test_wrong_methods_and_targets_are_wrong_usage(folder, capsys, words, message):
    assert run("denoise", "frame.tif", *words) == 2
    assert message in capsys.readouterr().err
    assert [path.name for path in folder.iterdir()] == ["frame.tif"]


def test_a_target_has_the_size_of_the_image_and_is_never_overwritten(folder, noisy, capsys):
    write_image("half.tif", noisy[:32].astype("float32"))
    words = ["denoise", "frame.tif", "--method", "noise2noise", "--target", "half.tif"]
    assert run(*words) == 1
    assert "half.tif is 32 x 64 and frame.tif is 64 x 64" in capsys.readouterr().err
    assert run(*words, "-o", "half.tif", "--force") == 2
    assert "half.tif is an input" in capsys.readouterr().err


def listen_to_ctrl_c():
    """Undo what a shell does to programs in the background: they ignore it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_ctrl_c_writes_nothing_and_is_no_success(folder):
    command = [sys.executable, "-m", "sk_noise2sr", "denoise", "frame.tif", "--verbose", "2"]
    process = subprocess.Popen(
        [*command, "--epochs", "10000"],
        stderr=subprocess.PIPE,
        bufsize=0,
        text=False,
        preexec_fn=listen_to_ctrl_c,
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


def test_a_picture_replaces_no_file_without_force(folder, capsys):
    (folder / "look.png").write_bytes(b"precious")
    assert run("denoise", "frame.tif", "--picture", "look.png", *FAST) == 2
    assert "look.png exists; pass --force" in capsys.readouterr().err
    assert (folder / "look.png").read_bytes() == b"precious"


@pytest.mark.parametrize("words", [[], ["--help"], ["--version"], ["sharpen"]])
def test_words_without_work(capsys, words):
    assert run(*words) == (0 if words in (["--help"], ["--version"]) else 2)


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("frame.tif", "frame.tif is no command; did you mean sk-noise2sr denoise frame.tif?"),
        ("new.dm4", "new.dm4 is no command; did you mean sk-noise2sr denoise new.dm4?"),
        ("denose", "unknown command 'denose'; did you mean denoise?"),
        ("sharpen", "unknown command 'sharpen'; known are denoise, compare, diagnose, columns"),
    ],
)
def test_a_first_word_that_is_no_command_gets_a_suggestion(folder, capsys, word, message):
    assert run(word) == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize("method", METHODS)
def test_the_help_of_denoise_fits_a_screen(capsys, method):
    assert run("denoise", "--help", "--method", method) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) <= 40
    assert max(map(len, lines)) <= 100
    text = "\n".join(lines)
    for word in ("--output", "--preset", "--help-all", *METHODS):
        assert word in text
    assert "--jobs" not in text


def test_a_file_whose_name_begins_with_a_dash(folder, capsys):
    shutil.copy("frame.tif", "-frame.tif")
    assert run("denoise", "frame.tif", "-frame.tif") == 2
    assert "the file of that name is ./-frame.tif" in capsys.readouterr().err
    assert run("denoise", "./-frame.tif", "--method", "adaptivewiener") == 0


def test_metavars_tell_types(capsys):
    assert run("denoise", "--help-all") == 0
    text = capsys.readouterr().out
    for words in ("--stride INT", "--binning auto|NUMBER", "--preset default|fast|instant|paper"):
        assert words in text
    assert "VALUE" not in text


@pytest.mark.parametrize("command", ["compare", "diagnose", "columns", "demo", "info"])
def test_no_command_takes_abbreviations_or_more_words_than_it_has_room_for(folder, capsys, command):
    files = [] if command in ("demo", "info") else ["frame.tif"]
    assert run(command, *files, "--hel") == 2
    assert "unknown option --hel; did you mean --help?" in capsys.readouterr().err
    assert run(command, *files, "more") == 2
    assert f"sk-noise2sr {command}: error: 'more' is one word too many" in capsys.readouterr().err


def test_a_crop_is_denoised_alone_and_keeps_its_place(folder, noisy, capsys):
    words = ["--method", "adaptivewiener", "--crop", "8:40,16:"]
    assert run("denoise", "frame.tif", "-o", "part.zarr", *words) == 0
    record = read_images("part.zarr")[0]
    expected = AdaptiveWiener().fit_transform(noisy.astype("float32")[8:40, 16:])
    np.testing.assert_array_equal(record.data, expected)
    assert [axis.offset for axis in record.axes] == pytest.approx([8 * 0.02, 16 * 0.02])
    assert read_provenance("part.zarr")["crop"] == "8:40,16:"
    assert run("denoise", "frame.tif", "--crop", "0:65,:", "--method", "adaptivewiener") == 1
    assert "rows 0:65 and columns 0: do not lie in an image of 64 x 64" in capsys.readouterr().err


def test_a_result_of_another_part_is_made_again(folder, capsys):
    words = ["denoise", "frame.tif", "-o", "out/", "--method", "adaptivewiener", "--resume"]
    assert run(*words, "--crop", "0:32,0:32") == 0
    assert run(*words, "--crop", "0:32,0:32") == 0
    assert "skipped" in capsys.readouterr().out
    assert run(*words) == 0
    assert "was made from another part of its input" in capsys.readouterr().err
    assert read_image("out/frame.tif")[0].shape == (64, 64)


def test_a_preview_draws_a_part_and_writes_no_result(folder, capsys):
    pytest.importorskip("matplotlib")
    words = ["denoise", "frame.tif", "--preview", "--method", "adaptivewiener"]
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


def test_a_preview_takes_the_instant_preset(folder, monkeypatch):
    made = []
    monkeypatch.setattr(
        _denoise, "preview", lambda source, denoiser, arguments: made.append(denoiser)
    )
    run("denoise", "frame.tif", "--preview")
    run("denoise", "frame.tif", "--preview", "--preset", "default")
    assert [denoiser.epochs for denoiser in made] == [7, 48]


def test_info_names_versions_device_and_threads(capsys):
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
def test_demo_denoises_and_draws(tmp_path, capsys):
    pytest.importorskip("matplotlib")
    assert run("demo", "-o", tmp_path / "out") == 0
    text = capsys.readouterr().out
    figures = {line.split(":")[0]: float(line.split()[1]) for line in text.splitlines()[:2]}
    assert figures["denoised"] > figures["noisy"] + 10
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        "denoised.tif",
        "comparison.png",
    }
