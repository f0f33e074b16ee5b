"""Pages about results, as a user asks for them: one file, and many."""

import html
import json
import os
import re
import shlex

import numpy as np
import pytest

from sk_noise2sr.io import read_image, read_provenance, write_image

FAST = ["--epochs", "1", "--M", "4", "--crop-size", "32", "--held-out", "0"]


def test_a_report_is_written_and_its_command_repeats_the_result(run, folder):
    assert run("denoise", "frame.tif", "--report", "a&b.html", *FAST) == 0
    text = (folder / "a&b.html").read_text("utf8")
    assert "<h1>frame.tif</h1>" in text
    assert read_provenance("frame_denoised.tif")["input"]["sha256"] in text
    words = shlex.split(html.unescape(re.search('class="command">(.*?)</pre>', text)[1]))
    assert words[:3] == ["sk-noise2sr", "denoise", "frame.tif"]
    first = read_image("frame_denoised.tif")[0]
    assert run(*words[1:], "--force") == 0
    np.testing.assert_array_equal(read_image("frame_denoised.tif")[0], first)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--report", "page.htm"], "--report writes .html files, not page.htm"),
        (["--report", "there.html"], "there.html exists; pass --force"),
        (["--report", "no/page.html"], "the folder no does not exist"),
        (["--report", "page.html", "--preview"], "--report is not for --preview"),
        (["--report", "page.html", "--fit-frames", "2"], "--report is not for movies in parts"),
    ],
)
def test_where_no_report_can_be_written(run, folder, capsys, words, message):
    (folder / "there.html").write_text("mine")
    assert run("denoise", "frame.tif", *words) == 2
    assert message in capsys.readouterr().err
    assert (folder / "there.html").read_text() == "mine"
    assert not (folder / "frame_denoised.tif").exists()


def test_a_page_of_a_stack_shows_its_first_frame(run, folder, noisy):
    write_image("movie.tif", np.stack([noisy, noisy[::-1]]).astype("float32"))
    words = ["denoise", "movie.tif", "--method", "adaptivewiener", "--report", "page.html"]
    assert run(*words) == 0
    assert "<h1>movie.tif, first frame</h1>" in (folder / "page.html").read_text("utf8")


def test_many_files_get_an_index_and_a_page_each(run, folder, capsys):
    (folder / "bad.tif").write_text("no image")
    (folder / "a&b.tif").write_bytes((folder / "frame.tif").read_bytes())
    words = ["denoise", "frame.tif", "bad.tif", "a&b.tif", "-o", "out/"]
    words += ["--method", "adaptivewiener", "--report", "index.html", "--json"]
    assert run(*words) == 1
    index = (folder / "index.html").read_text("utf8")
    assert "3 files: 2 done, 1 failed." in index
    assert 'href="out/a%26b.tif.html"' in index
    assert "a&amp;b.tif" in index
    assert "bad.tif cannot be read" in index
    assert index.count("data:image/jpeg") == 4
    lines = list(map(json.loads, capsys.readouterr().out.splitlines()))
    done = next(line for line in lines if line["input"] == "frame.tif")
    assert done["report"] == "out/frame.tif.html"
    assert isinstance(done["warnings"], list)
    assert "thumbnails" not in done
    assert "<h1>frame.tif</h1>" in (folder / done["report"]).read_text("utf8")


def test_an_index_of_a_batch_that_goes_on_has_what_was_done_before(run, folder):
    words = ["denoise", "frame.tif", "-o", "out/", "--method", "adaptivewiener"]
    words += ["--report", "index.html", "--resume"]
    for state in ("done", "skipped"):
        assert run(*words) == 0
        index = (folder / "index.html").read_text("utf8")
        assert f"1 file: 1 {state}." in index
        assert index.count("data:image/jpeg") == 2
        assert 'href="out/frame.tif.html"' in index


def test_a_batch_that_goes_on_makes_pages_that_are_missing(run, folder, capsys):
    words = ["denoise", "frame.tif", "-o", "out/", "--method", "adaptivewiener", "--resume"]
    assert run(*words) == 0
    words += ["--report", "index.html"]
    assert run(*words) == 0
    assert "out/frame.tif.html is missing; it is made again" in capsys.readouterr().err
    assert (folder / "out" / "frame.tif.html").exists()
    assert run(*words) == 0
    assert "skipped" in capsys.readouterr().out


def test_no_page_is_replaced_unasked(run, folder, capsys):
    (folder / "out").mkdir()
    (folder / "out" / "frame.tif.html").write_text("mine")
    words = ["denoise", "frame.tif", "-o", "out/", "--method", "adaptivewiener"]
    assert run(*words, "--report", "index.html") == 1
    assert "frame.tif.html exists; pass --resume" in capsys.readouterr().err
    assert (folder / "out" / "frame.tif.html").read_text() == "mine"


def test_names_that_are_no_utf8_have_pages_too(run, folder):
    name = os.fsdecode(b"caf\xe9.tif")
    (folder / name).write_bytes((folder / "frame.tif").read_bytes())
    words = ["--method", "adaptivewiener", "--report"]
    page = os.fsdecode(b"\xe9.html")
    assert run("denoise", name, "-o", "one.tif", *words, page) == 0
    assert "<h1>caf\\udce9.tif</h1>" in (folder / page).read_text("utf8")
    assert run("denoise", name, "-o", "out/", *words, "index.html") == 0
    assert 'href="out/caf%E9.tif.html"' in (folder / "index.html").read_text("utf8")
