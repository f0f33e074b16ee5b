"""A batch that goes on: what is done is skipped; what is damaged or made otherwise, made again."""

import json
import os

import numpy as np
import pytest
import tifffile

from sk_noise2sr import AdaptiveWiener
from sk_noise2sr.cli import _batch
from sk_noise2sr.io import read_image, write_image

WIENER = ["--method", "adaptivewiener"]


def lines_of(text):
    return [json.loads(line) for line in text.splitlines()]


def test_resume_does_what_is_missing(run, batch_folder, capsys):
    assert run("denoise", "a.tif", "c.tif", "-o", "clean/", *WIENER) == 0
    before = (batch_folder / "clean" / "a.tif").stat()
    (batch_folder / "clean" / "c.tif").unlink()
    assert run("denoise", "a.tif", "c.tif", "-o", "clean", *WIENER) == 1
    assert "pass --resume to skip what is done" in capsys.readouterr().err
    words = ["a.tif", "c.tif", "-o", "clean", "--resume", "--json"]
    assert run("denoise", *words, *WIENER) == 0
    assert [line["status"] for line in lines_of(capsys.readouterr().out)] == ["skipped", "done"]
    after = (batch_folder / "clean" / "a.tif").stat()  # a look at it changes the time of access
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


@pytest.mark.parametrize("suffix", [".tif", ".hspy", ".zarr"])
def test_resume_makes_again_what_was_made_otherwise(run, suffix, batch_folder, rng, capsys):
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


ANY_FORMAT = ["empty", "half", "text", "link"]


@pytest.mark.parametrize(
    ("suffix", "kind"),
    [
        *((".tif", kind) for kind in [*ANY_FORMAT, "deep", "notes", "foreign"]),
        *((suffix, kind) for suffix in (".hspy", ".mrc") for kind in ANY_FORMAT),
    ],
)
def test_resume_makes_again_what_is_damaged(run, kind, suffix, batch_folder, capsys):
    words = ["a.tif", "c.tif", "-o", "clean/", "--suffix", suffix, "--resume", "--json", *WIENER]
    assert run("denoise", *words) == 0
    whole = read_image(f"clean/a{suffix}")[0]
    damage(batch_folder / "clean" / f"a{suffix}", kind)
    capsys.readouterr()
    assert run("denoise", *words) == 0
    out, err = capsys.readouterr()
    assert [line["status"] for line in lines_of(out)] in (["skipped", "done"], ["done", "skipped"])
    assert len(err.splitlines()) == 1
    assert err.endswith("it is made again\n")
    np.testing.assert_array_equal(read_image(f"clean/a{suffix}")[0], whole)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes are of POSIX")
def test_resume_stops_at_nothing(run, batch_folder, capsys):
    (batch_folder / "clean").mkdir()
    os.mkfifo("clean/a.tif")
    (batch_folder / "clean" / "c.tif").mkdir()
    write_image("d.tif", np.random.default_rng(0).poisson(8, (32, 32)).astype("f4"))
    words = ["a.tif", "c.tif", "d.tif", "-o", "clean/", "--resume", "--json", *WIENER]
    assert run("denoise", *words) == 1
    lines = lines_of(capsys.readouterr().out)
    assert [line["status"] for line in lines] == ["failed", "failed", "done"]
    assert lines[0]["error"] == "a.tif is no regular file; choose another name."
    assert lines[1]["error"] == "c.tif is a folder; name a file in it."


def test_a_result_of_another_mask_is_made_again(run, batch_folder, capsys):
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


def test_a_movie_fitted_on_other_frames_is_made_again(run, batch_folder, rng, capsys):
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
def test_what_another_batch_has_made_meanwhile(run, batch_folder, monkeypatch, capsys, resume):
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


@pytest.mark.parametrize(("suffix", "told"), [(".npy", True), (".mrc", True), (".tif", False)])
def test_what_cannot_tell_how_it_was_made_is_skipped_with_a_word(
    run, batch_folder, capsys, suffix, told
):
    words = ["denoise", "a.tif", "-o", "clean/", "--suffix", suffix, "--resume", *WIENER]
    assert run(*words) == run(*words) == 0
    assert ("files of its kind do not tell" in capsys.readouterr().out) == told
