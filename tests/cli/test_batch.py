"""Many files: a line for each, and those that fail stop no other."""

import io
import json
import os
import re
import shutil
import sys

import h5py
import numpy as np
import pytest
import tifffile
from nion.data import DataAndMetadata
from nionswift_plugin.DM_IO import dm3_image_utils
from rsciio.emd import file_writer as write_ncem

from sk_noise2sr import AdaptiveWiener, Noise2Noise, Training
from sk_noise2sr.io import Calibration, image_names, read_image, read_images, write_image

WIENER = ["--method", "adaptivewiener"]


def lines_of(text):
    return [json.loads(line) for line in text.splitlines()]


def test_those_that_fail_stop_no_other(run, batch_folder, capsys):
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


def test_several_at_a_time_give_the_same_images(run, batch_folder, capsys):
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


def test_a_dm4_becomes_what_can_be_written(run, batch_folder, rng):
    write_dm4(batch_folder / "frame.dm4", rng.normal(size=(32, 32)).astype("float32"))
    assert run("denoise", "frame.dm4", *WIENER) == 0
    assert read_image("frame_denoised.tif")[0].shape == (32, 32)
    assert run("denoise", "frame.dm4", "-o", "clean/", "--suffix", ".hspy", *WIENER) == 0
    about = read_images("clean/frame.hspy")[0].metadata["original_metadata"]["sk_noise2sr"]
    assert about["denoiser"] == "AdaptiveWiener"
    assert about["input"]["name"] == "frame.dm4"


def test_all_images_of_a_file_are_written_or_the_one_that_is_named(run, batch_folder, rng, capsys):
    axes = [{"name": n, "size": 32, "navigate": False, "units": "nm", "scale": 0.02, "offset": 0}
            for n in "yx"]  # fmt: skip
    for number, name in enumerate(["BF", "DF (2)"]):
        signal = {"data": rng.poisson(8 + number, (32, 32)).astype("f4"), "axes": axes}
        signal |= {"metadata": {"General": {"title": name}, "Signal": {}}, "original_metadata": {}}
        write_ncem(f"{number}.emd", signal)
    with h5py.File("0.emd", "r+") as both, h5py.File("1.emd") as other:
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
        (["a.tif", "-o", "b.tif", "--mask", "b.tif", "--force"], "b.tif is an input"),
        (["a.tif", "-o", "./", "--mask", "a.tif", "--force"], "a.tif is an input"),
        (["c.tif", "-o", "sub/", "--mask", "sub/c.tif", "--force"], "c.tif is an input"),
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
def test_wrong_usage_is_told_before_any_work(run, batch_folder, capsys, words, message):
    assert run("denoise", *words, *WIENER) == 2
    assert message in capsys.readouterr().err
    assert not (batch_folder / "clean").exists()


def test_a_movie_is_learned_from_a_few_frames(run, batch_folder, rng, capsys):
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
def test_a_movie_comes_back_in_its_own_format(run, suffix, batch_folder, rng):
    movie = rng.poisson(8, (4, 32, 32)).astype("float32")
    write_image(f"movie{suffix}", movie, Calibration((0.02, 0.02), "nm"))
    assert run("denoise", f"movie{suffix}", "--fit-frames", 2, *WIENER) == 0
    denoised, calibration = read_image(f"movie_denoised{suffix}")
    np.testing.assert_array_equal(denoised, AdaptiveWiener().fit(movie[[0, 3]]).transform(movie))
    assert calibration.pixel_size == pytest.approx((0.02, 0.02))


def test_frames_of_a_movie_learn_from_the_next_ones(run, batch_folder, rng, capsys):
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


@pytest.mark.parametrize("encoding", ["ascii", "utf-8"])
def test_names_that_the_console_cannot_show_end_no_batch(run, batch_folder, monkeypatch, encoding):
    names = ["ångström.tif", os.fsdecode(b"caf\xe9.tif"), "c.tif"]
    for name in names[:2]:
        shutil.copy("a.tif", name)
    out = io.TextIOWrapper(io.BytesIO(), encoding, errors="strict")
    monkeypatch.setattr("sys.stdout", out)
    assert run("denoise", *names, "-o", "clean/", *WIENER) == 0
    assert out.errors == "strict"
    out.seek(0)
    assert len(out.read().splitlines()) == 3


def test_a_link_in_a_circle_stops_no_other(run, batch_folder, capsys):
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
def test_a_method_that_gives_no_image_writes_none(
    run, batch_folder, monkeypatch, capsys, name, words
):
    monkeypatch.syspath_prepend(batch_folder)
    monkeypatch.delitem(sys.modules, "odd_methods", raising=False)
    (batch_folder / "odd_methods.py").write_text(ODD)
    assert run("denoise", "a.tif", "-o", "clean/", "--method", f"odd_methods:{name}") == 1
    assert re.search(words, capsys.readouterr().err)
    assert os.listdir("clean") == []
    assert run("compare", "a.tif", "--methods", f"odd_methods:{name}") == 1
    assert re.search(words, capsys.readouterr().out)
