"""Many files: a line for each, what is done is skipped, and a crash leaves only whole files."""

import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time

import h5py
import numpy as np
import pytest
import tifffile
from nion.data import DataAndMetadata
from nionswift_plugin.DM_IO import dm3_image_utils
from rsciio.emd import file_writer as write_ncem

from sk_noise2sr import AdaptiveWiener, Noise2Noise, Training
from sk_noise2sr.cli import _batch, main
from sk_noise2sr.io import Calibration, image_names, read_image, read_images, write_image

WIENER = ["--method", "adaptivewiener"]


def run(*words):
    """Run the command line in this process; return its exit code."""
    try:
        return main([str(word) for word in words])
    except SystemExit as stop:  # argparse
        return stop.code


@pytest.fixture
def folder(tmp_path, monkeypatch, rng):
    """Step into a folder with three calibrated noisy images, the second of them damaged."""
    monkeypatch.chdir(tmp_path)
    for name in ("a", "b", "c"):
        image = rng.poisson(8, (32, 32)).astype("float32")
        write_image(f"{name}.tif", image, Calibration((0.02, 0.02), "nm"))
    (tmp_path / "b.tif").write_bytes((tmp_path / "b.tif").read_bytes()[:2000])
    return tmp_path


def lines_of(text):
    return [json.loads(line) for line in text.splitlines()]


def test_those_that_fail_stop_no_other(folder, capsys):
    assert run("denoise", "a.tif", "b.tif", "c.tif", "-o", "clean/", "--json", *WIENER) == 1
    out, err = capsys.readouterr()
    lines = lines_of(out)
    assert [line["status"] for line in lines] == ["done", "failed", "done"]
    assert lines[0]["output"] == os.path.join("clean", "a.tif")
    assert lines[0]["shape"] == [32, 32]
    assert "b.tif cannot be read" in lines[1]["error"]
    assert err == "sk-noise2sr: 1 of 3 files failed; 2 done, 0 skipped\n"
    assert sorted(os.listdir("clean")) == ["a.tif", "c.tif"]
    assert read_image("clean/c.tif")[1].pixel_size == (0.02, 0.02)


def test_resume_does_what_is_missing(folder, capsys):
    assert run("denoise", "a.tif", "c.tif", "-o", "clean/", *WIENER) == 0
    before = (folder / "clean" / "a.tif").stat()
    (folder / "clean" / "c.tif").unlink()
    assert run("denoise", "a.tif", "c.tif", "-o", "clean", *WIENER) == 1
    assert "pass --resume to skip what is done" in capsys.readouterr().err
    words = ["a.tif", "c.tif", "-o", "clean", "--resume", "--json"]
    assert run("denoise", *words, *WIENER) == 0
    assert [line["status"] for line in lines_of(capsys.readouterr().out)] == ["skipped", "done"]
    after = (folder / "clean" / "a.tif").stat()  # a look at it changes the time of access
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


@pytest.mark.parametrize("suffix", [".tif", ".hspy", ".zarr"])
def test_resume_makes_again_what_was_made_otherwise(suffix, folder, rng, capsys):
    def again(*options):
        words = ["a.tif", "c.tif", "-o", "clean/", "--suffix", suffix, "--resume", "--json"]
        assert run("denoise", *words, *options) == 0
        out, err = capsys.readouterr()
        return [line["status"] for line in lines_of(out)], err

    wiener = [*WIENER, "--noise", "2.5"]
    assert again(*wiener, "--window", 9)[0] == ["done", "done"]
    assert again(*wiener, "--window", 9) == (["skipped", "skipped"], "")
    status, err = again(*wiener, "--window", 7)
    assert status == ["done", "done"]
    sentence = f"clean/a{suffix} was made with another window; it is made again"
    assert err.splitlines()[0] == f"sk-noise2sr: {sentence}"
    expected = AdaptiveWiener(window=7, noise=2.5).fit_transform(read_image("a.tif")[0])
    np.testing.assert_array_equal(read_image(f"clean/a{suffix}")[0], expected)
    write_image("c.tif", rng.poisson(8, (32, 32)).astype("float32"), overwrite=True)
    status, err = again(*wiener, "--window", 7)
    assert status == ["skipped", "done"]
    assert "another input of this name; it is made again" in err
    status, err = again("--method", "vstbm3d")
    assert status == ["done", "done"]
    assert "was made with the method AdaptiveWiener" in err


def damage(path, kind):
    if kind == "empty":
        path.write_bytes(b"")
    elif kind == "half":
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    elif kind == "text":
        path.write_text("no image at all")
    elif kind == "deep":
        description = '{"a":' * 100_000
        tifffile.imwrite(path, np.zeros((8, 8), "f4"), description=f"ImageJ=1\nInfo={description}")
    elif kind == "notes":
        write_image(
            path, np.zeros((8, 8)), overwrite=True, provenance={"denoiser": 1, "parameters": [2]}
        )
    elif kind == "foreign":
        tifffile.imwrite(path, np.zeros((8, 8), "f4"))
    elif kind == "link":
        path.unlink()
        path.symlink_to("nowhere.tif")


@pytest.mark.parametrize("kind", ["empty", "half", "text", "deep", "notes", "foreign", "link"])
@pytest.mark.parametrize("suffix", [".tif", ".hspy", ".mrc"])
def test_resume_makes_again_what_is_damaged(kind, suffix, folder, capsys):
    if suffix != ".tif" and kind in ("deep", "foreign", "notes"):
        pytest.skip("damage of TIFF")
    words = ["a.tif", "c.tif", "-o", "clean/", "--suffix", suffix, "--resume", "--json", *WIENER]
    assert run("denoise", *words) == 0
    whole = read_image(f"clean/a{suffix}")[0]
    damage(folder / "clean" / f"a{suffix}", kind)
    capsys.readouterr()
    assert run("denoise", *words) == 0
    out, err = capsys.readouterr()
    assert [line["status"] for line in lines_of(out)] in (["skipped", "done"], ["done", "skipped"])
    assert len(err.splitlines()) == 1
    assert err.endswith("it is made again\n")
    np.testing.assert_array_equal(read_image(f"clean/a{suffix}")[0], whole)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes are of POSIX")
def test_resume_stops_at_nothing(folder, capsys):
    (folder / "clean").mkdir()
    os.mkfifo("clean/a.tif")
    (folder / "clean" / "c.tif").mkdir()
    write_image("d.tif", np.random.default_rng(0).poisson(8, (32, 32)).astype("f4"))
    words = ["a.tif", "c.tif", "d.tif", "-o", "clean/", "--resume", "--json", *WIENER]
    assert run("denoise", *words) == 1
    lines = lines_of(capsys.readouterr().out)
    assert [line["status"] for line in lines] == ["failed", "failed", "done"]
    assert lines[0]["error"] == "a.tif is no regular file; choose another name."
    assert lines[1]["error"] == "c.tif is a folder; name a file in it."


def test_several_at_a_time_give_the_same_images(folder, capsys):
    assert run("denoise", "a.tif", "c.tif", "-o", "one/", *WIENER) == 0
    capsys.readouterr()
    words = ["a.tif", "b.tif", "c.tif", "-o", "two/", "--jobs", "2", "--json", "--evidence"]
    assert run("denoise", *words, *WIENER) == 1
    lines = {line["input"]: line for line in lines_of(capsys.readouterr().out)}
    status = {name: line["status"] for name, line in lines.items()}
    assert status == {"a.tif": "done", "b.tif": "failed", "c.tif": "done"}
    assert lines["a.tif"]["evidence"]["output"] == os.path.join("two", "a_evidence.tif")
    for name in ("a.tif", "c.tif"):
        np.testing.assert_array_equal(read_image(f"one/{name}")[0], read_image(f"two/{name}")[0])


def write_dm4(path, image):
    recorded = DataAndMetadata.new_data_and_metadata(image)
    with open(path, "wb") as file:
        dm3_image_utils.save_image(recorded, file, 4)


def test_a_dm4_becomes_what_can_be_written(folder, rng):
    write_dm4(folder / "frame.dm4", rng.normal(size=(32, 32)).astype("float32"))
    assert run("denoise", "frame.dm4", *WIENER) == 0
    assert read_image("frame_denoised.tif")[0].shape == (32, 32)
    assert run("denoise", "frame.dm4", "-o", "clean/", "--suffix", ".hspy", *WIENER) == 0
    about = read_images("clean/frame.hspy")[0].metadata["original_metadata"]["sk_noise2sr"]
    assert about["denoiser"] == "AdaptiveWiener"
    assert about["input"]["name"] == "frame.dm4"


def test_all_images_of_a_file_are_written_or_the_one_that_is_named(folder, rng, capsys):
    axes = [{"name": n, "size": 32, "navigate": False, "units": "nm", "scale": 0.02, "offset": 0}
            for n in "yx"]  # fmt: skip
    for number, name in enumerate(["BF", "DF (2)"]):
        signal = {"data": rng.poisson(8 + number, (32, 32)).astype("f4"), "axes": axes}
        signal |= {"metadata": {"General": {"title": name}, "Signal": {}}, "original_metadata": {}}
        write_ncem(str(folder / f"{number}.emd"), signal)
    with h5py.File(folder / "0.emd", "r+") as both, h5py.File(folder / "1.emd") as other:
        for name, group in other["signals"].items():
            other.copy(group, both["signals"], name)
    os.rename("0.emd", "scan.emd")
    names = image_names("scan.emd")
    assert len(names) == 2
    assert run("denoise", "scan.emd", "-o", "one.tif", *WIENER) == 1
    assert "scan.emd holds 2 images; choose one" in capsys.readouterr().err
    assert run("denoise", "scan.emd", "a.tif", "-o", "clean/", "--json", *WIENER) == 0
    lines = lines_of(capsys.readouterr().out)
    assert [line.get("image") for line in lines] == [*names, None]
    assert sorted(os.listdir("clean")) == ["a.tif", "scan_BF.tif", "scan_DF_2_.tif"]
    for name, output in zip(names, ("scan_BF.tif", "scan_DF_2_.tif"), strict=True):
        expected = AdaptiveWiener().fit_transform(read_image("scan.emd", name)[0])
        np.testing.assert_array_equal(read_image(f"clean/{output}")[0], expected)
    assert run("denoise", "scan.emd", "-o", "clean/", "--resume", *WIENER) == 0
    assert capsys.readouterr().out.count("skipped") == 2
    assert run("denoise", "scan.emd", "-o", "named/", "--image", names[1], *WIENER) == 0
    assert os.listdir("named") == ["scan.tif"]
    with tifffile.TiffWriter("sem.tif") as writer:
        writer.write(rng.poisson(8, (32, 32)).astype("f4"))
        writer.write(rng.poisson(8, (16, 16)).astype("f4"))
    assert run("denoise", "sem.tif", "-o", "pages/", *WIENER) == 0
    assert sorted(os.listdir("pages")) == ["sem.tif", "sem_2.tif"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["a.tif", "c.tif"], "several files need a folder"),
        (["a.tif", "c.tif", "-o", "."], "is an input; inputs are never overwritten"),
        (["a.tif", "sub/a.npy", "-o", "clean/", "--suffix", ".tif"], "would both become"),
        (["a.tif", "A.tif", "-o", "clean/"], "would become a.tif and A.tif, which are one file on"),
        (["é.tif", "e\u0301.tif", "-o", "clean/"], "which are one file on disks that do not tell"),
        (["ß.tif", "SS.tif", "-o", "clean/"], "which are one file on disks that do not tell"),
        (["a.tif", "-o", "clean/", "--picture", "look.png"], "--picture is for one IN"),
        (["a.tif", "-o", "clean/", "--jobs", "0"], "expected a whole number of 1 or more, got '0'"),
        (
            ["a.tif", "-o", "clean/", "--fit-frames", "2", "--scheduler", "tcp://x:1"],
            "--scheduler is for one IN",
        ),
        (["a.tif", "--scheduler", "tcp://x:1"], "--scheduler needs --fit-frames N"),
        (
            ["a.tif", "-o", "a.mrc", "--scheduler", "tcp://x:1", "--fit-frames", "2"],
            "--scheduler writes a .zarr store",
        ),
        (["a.tif", "--fit-frames", "2", "--target", "c.tif"], "leave out --target"),
    ],
)
def test_wrong_usage_is_told_before_any_work(folder, capsys, words, message):
    assert run("denoise", *words, *WIENER) == 2
    assert message in capsys.readouterr().err
    assert not (folder / "clean").exists()


def test_a_movie_is_learned_from_a_few_frames(folder, rng, capsys):
    movie = rng.poisson(8, (9, 32, 32)).astype("float32")
    write_image("movie.tif", movie, Calibration((0.02, 0.02), "nm", 0.04))
    assert run("denoise", "movie.tif", "-o", "clean.tif", "--fit-frames", 3, *WIENER) == 0
    denoised, calibration = read_image("clean.tif")
    expected = AdaptiveWiener().fit(movie[[0, 4, 8]]).transform(movie)
    np.testing.assert_array_equal(denoised, expected)
    assert calibration.frame_interval == 0.04
    assert capsys.readouterr().out.startswith("movie.tif: 9 x 32 x 32, adaptivewiener, ")
    assert run("denoise", "a.tif", "--fit-frames", 3, *WIENER) == 1
    assert "expected a movie" in capsys.readouterr().err
    words = ["a.tif", "movie.tif", "-o", "clean/", "--fit-frames", 3, "--json"]
    assert run("denoise", *words, *WIENER) == 1
    assert [line["status"] for line in lines_of(capsys.readouterr().out)] == ["failed", "done"]
    np.testing.assert_array_equal(read_image("clean/movie.tif")[0], expected)


@pytest.mark.parametrize("suffix", [".mrc", ".hspy"])
def test_a_movie_comes_back_in_its_own_format(suffix, folder, rng):
    movie = rng.poisson(8, (4, 32, 32)).astype("float32")
    write_image(f"movie{suffix}", movie, Calibration((0.02, 0.02), "nm"))
    assert run("denoise", f"movie{suffix}", "--fit-frames", 2, *WIENER) == 0
    denoised, calibration = read_image(f"movie_denoised{suffix}")
    np.testing.assert_array_equal(denoised, AdaptiveWiener().fit(movie[[0, 3]]).transform(movie))
    assert calibration.pixel_size == pytest.approx((0.02, 0.02))


def test_frames_of_a_movie_learn_from_the_next_ones(folder, rng, capsys):
    movie = rng.poisson(8 + 4 * np.sin(np.arange(32) / 2), (6, 32, 32)).astype("float32")
    write_image("movie.tif", movie)
    small = {"epochs": 1, "binning": 1, "training": Training(crop_size=16), "random_state": 0}
    words = ["--epochs", 1, "--binning", 1, "--crop-size", 16, "--random-state", 0]
    words += ["--fit-frames", 2, "--method", "noise2noise"]
    assert run("denoise", "movie.tif", "-o", "clean.npy", *words) == 0
    expected = Noise2Noise(**small).fit(movie[[0, 4]], movie[[1, 5]]).transform(movie)
    np.testing.assert_array_equal(read_image("clean.npy")[0], expected)
    write_image("one.npy", movie[:1])
    assert run("denoise", "one.npy", "-o", "one.tif", *words) == 1
    assert "Expected a movie of two frames or more" in capsys.readouterr().err


def start(*words):
    code = "import sys; from sk_noise2sr.cli import main; sys.exit(main(sys.argv[1:]))"
    command = [sys.executable, "-c", code, "denoise", *words, *WIENER]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.mark.skipif(os.name != "posix", reason="SIGKILL is of POSIX")
@pytest.mark.parametrize("suffix", [".tif", pytest.param(".zarr", marks=pytest.mark.slow)])
def test_killed_at_any_moment_every_file_is_whole_and_resume_does_the_rest(
    suffix, tmp_path, monkeypatch, rng
):
    monkeypatch.chdir(tmp_path)
    for number in range(60):
        np.save(f"{number:03}.npy", rng.normal(size=(40, 40)).astype("float32"))
    words = [*sorted(os.listdir()), "-o", "clean/", "--resume", "--suffix", suffix]
    process = start(*words)
    wait_for_more_than(0, process)
    time.sleep(rng.uniform(0, 0.1))
    process.send_signal(signal.SIGKILL)
    process.communicate()
    done = sorted(name for name in os.listdir("clean") if not name.startswith("."))
    for name in done:
        assert read_image(f"clean/{name}")[0].shape == (40, 40)
    process = start(*words, "--json")
    lines = lines_of(process.communicate()[0])
    assert process.returncode == 0
    assert sum(line["status"] == "skipped" for line in lines) == len(done)
    assert sum(name.endswith(suffix) and name[0] != "." for name in os.listdir("clean")) == 60


def workers_of(process):
    """Return the processes that loky has started, by /proc."""
    with open(f"/proc/{process.pid}/task/{process.pid}/children") as file:
        children = file.read().split()
    return [int(child) for child in children if "popen_loky" in command_of(child)]


def command_of(pid):
    with open(f"/proc/{pid}/cmdline") as file:
        return file.read()


@pytest.mark.slow
@pytest.mark.skipif(not os.path.exists("/proc/self/cmdline"), reason="reads /proc")
def test_a_worker_that_is_killed_is_told_and_resume_does_the_rest(tmp_path, monkeypatch, rng):
    monkeypatch.chdir(tmp_path)
    for number in range(60):
        np.save(f"{number:03}.npy", rng.normal(size=(128, 128)).astype("float32"))
    words = [*sorted(os.listdir()), "-o", "clean/", "--resume", "--json", "--jobs", "2"]
    process = start(*words)
    wait_for_more_than(5, process)
    os.kill(workers_of(process)[0], signal.SIGKILL)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 1
    status = {line["input"]: line["status"] for line in lines_of(out)}
    assert len(status) == 60
    assert set(status.values()) == {"done", "failed"}
    assert "files failed" in err.splitlines()[-1]
    for name, each in status.items():
        assert os.path.exists(os.path.join("clean", name)) or each == "failed"
    assert run("denoise", *words, *WIENER) == 0
    assert sum(not name.startswith(".") for name in os.listdir("clean")) == 60


def wait_for_more_than(n_done, process):
    """Wait until a new result is there."""
    while process.poll() is None:
        if os.path.isdir("clean"):
            names = [name for name in os.listdir("clean") if not name.startswith(".")]
            if len(names) > n_done:
                return
        time.sleep(0.002)


@pytest.mark.parametrize("encoding", ["ascii", "utf-8"])
def test_names_that_the_console_cannot_show_end_no_batch(folder, monkeypatch, encoding):
    names = ["ångström.tif", os.fsdecode(b"caf\xe9.tif"), "c.tif"]
    for name in names[:2]:
        shutil.copy("a.tif", name)
    out = io.TextIOWrapper(io.BytesIO(), encoding, errors="strict")
    monkeypatch.setattr("sys.stdout", out)
    assert run("denoise", *names, "-o", "clean/", *WIENER) == 0
    assert out.errors == "strict"
    out.seek(0)
    assert len(out.read().splitlines()) == 3


def test_a_result_of_another_mask_is_made_again(folder, capsys):
    def again(*options):
        assert run("denoise", "a.tif", "-o", "clean/", "--resume", *WIENER, *options) == 0
        out, err = capsys.readouterr()
        return "skipped" in out, err

    write_image("mask.tif", np.eye(32, dtype="uint8"))
    assert again() == (False, "")
    assert again("--mask", "mask.tif")[1].endswith("was made with another mask; it is made again\n")
    assert again("--mask", "mask.tif") == (True, "")
    write_image("mask.tif", np.eye(32, dtype="uint8")[::-1], overwrite=True)
    assert again("--mask", "mask.tif")[0] is False
    assert "another mask" in again("--mask", "none")[1]
    assert again("--mask", "none") == (True, "")


def test_a_movie_fitted_on_other_frames_is_made_again(folder, rng, capsys):
    write_image("movie.npy", rng.poisson(8, (4, 32, 32)).astype("float32"))
    words = ["denoise", "movie.npy", "-o", "clean/", "--suffix", ".tif", "--resume", *WIENER]
    assert run(*words, "--fit-frames", 1) == 0
    assert run(*words, "--fit-frames", 1) == 0
    assert "skipped" in capsys.readouterr().out
    assert run(*words, "--fit-frames", 2) == 0
    assert "was fitted on other frames; it is made again" in capsys.readouterr().err
    assert run(*words) == 0
    assert "was fitted on other frames; it is made again" in capsys.readouterr().err


@pytest.mark.parametrize("resume", [True, False])
def test_what_another_batch_has_made_meanwhile(folder, monkeypatch, capsys, resume):
    words = ["denoise", "a.tif", "c.tif", "-o", "clean/", *WIENER, *(["--resume"] * resume)]

    def meanwhile(*arguments, **options):
        monkeypatch.setattr(_batch, "denoise_file", denoise_file)
        outcome = denoise_file(*arguments, **options)
        assert run("denoise", "c.tif", "-o", "clean/", *WIENER) == 0
        return outcome

    denoise_file = _batch.denoise_file
    monkeypatch.setattr(_batch, "denoise_file", meanwhile)
    assert run(*words) == (0 if resume else 1)
    out, err = capsys.readouterr()
    assert ("c.tif: skipped" in out) == resume
    assert ("c.tif has appeared since the batch began" in err) != resume


def test_a_link_in_a_circle_stops_no_other(folder, capsys):
    os.symlink("loop.tif", "round.tif")
    os.symlink("round.tif", "loop.tif")
    assert run("denoise", "a.tif", "loop.tif", "-o", "clean/", *WIENER) == 1
    assert "loop.tif does not exist" in capsys.readouterr().err
    assert os.listdir("clean") == ["a.tif"]
    assert run("denoise", "a.tif", "-o", "loop.tif", "--force", *WIENER) == 1
    assert "loop.tif is a link that leads round in a circle" in capsys.readouterr().err


ODD = """
from sk_noise2sr.denoisers import AdaptiveWiener

class Nan(AdaptiveWiener):
    def _denoise(self, image):
        return image * float("nan")

class Short(AdaptiveWiener):
    def _denoise(self, image):
        return image[:5]

class Lost(AdaptiveWiener):
    def _denoise(self, image):
        raise KeyError("noise")
"""


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Nan", "Nan returned NaN or infinity for 1024 of 1024 pixels"),
        ("Short", r"Short returned the shape \(5, 32\) for an image of \(32, 32\)"),
        ("Lost", "KeyError: 'noise'"),
    ],
)
def test_a_method_that_gives_no_image_writes_none(folder, monkeypatch, capsys, name, words):
    monkeypatch.syspath_prepend(folder)
    monkeypatch.delitem(sys.modules, "odd_methods", raising=False)
    (folder / "odd_methods.py").write_text(ODD)
    assert run("denoise", "a.tif", "-o", "clean/", "--method", f"odd_methods:{name}") == 1
    assert re.search(words, capsys.readouterr().err)
    assert os.listdir("clean") == []
    assert run("compare", "a.tif", "--methods", f"odd_methods:{name}") == 1
    assert re.search(words, capsys.readouterr().out)


@pytest.mark.parametrize(("suffix", "told"), [(".npy", True), (".mrc", True), (".tif", False)])
def test_what_cannot_tell_how_it_was_made_is_skipped_with_a_word(folder, capsys, suffix, told):
    words = ["denoise", "a.tif", "-o", "clean/", "--suffix", suffix, "--resume", *WIENER]
    assert run(*words) == run(*words) == 0
    assert ("files of its kind do not tell" in capsys.readouterr().out) == told
