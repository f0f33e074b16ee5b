"""What is said: nothing that a terminal would obey, and of warnings, which file they are about."""

import json
import os
import subprocess
import sys
import warnings
from functools import partial

import numpy as np
import pytest

from sk_noise2sr import AdaptiveWiener
from sk_noise2sr.cli import main
from sk_noise2sr.io import write_image

WIENER = ["--method", "adaptivewiener"]
RED = "red\x1b[31m\u202e.tif"  # colours the terminal, and turns the direction of letters
SHOWN = r"red\x1b[31m\u202e.tif"


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch, rng):
    """Step into a folder with images that have a band without a picture."""
    monkeypatch.chdir(tmp_path)
    for name in ("a.tif", RED):
        image = rng.poisson(8, (48, 48)).astype("float32")
        image[-10:] = 0
        write_image(name, image)
    return tmp_path


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ([RED, "-o", "clean/"], 0),
        ([RED], 0),
        ([RED, "-o", f"{RED}.docx"], 1),
        ([RED, "-o", RED], 2),
        ([f"no{RED}", "-o", "clean/"], 1),
    ],
)
def test_names_are_shown_in_codes(run, capsys, words, code):
    assert run("denoise", *words, *WIENER) == code
    text = "".join(capsys.readouterr())
    assert SHOWN in text
    assert "\x1b" not in text


def test_json_keeps_the_name(capsys):
    assert main(["denoise", RED, "-o", "clean/", "--json", *WIENER]) == 0
    assert json.loads(capsys.readouterr().out)["input"] == RED


@pytest.mark.parametrize("jobs", ["1", pytest.param("2", marks=pytest.mark.slow)])
def test_a_warning_tells_the_file_and_no_place_in_the_code(jobs):
    words = ["denoise", "a.tif", RED, "-o", "clean/", "--jobs", jobs, *WIENER]
    process = subprocess.run(
        [sys.executable, "-m", "sk_noise2sr", *words], capture_output=True, text=True, check=True
    )
    lines = sorted(process.stderr.splitlines())
    assert len(lines) == 2
    for line, name in zip(lines, ("a.tif", SHOWN), strict=True):
        assert line.startswith("sk-noise2sr: ")
        assert f"{name}: 480 of 2304 pixels lie in regions" in line
        assert line.endswith("Give --mask none if that is part of the picture.")


def test_the_form_of_other_warnings_stays_as_it_was():
    before = warnings.formatwarning
    assert main(["denoise", "a.tif", *WIENER]) == 0
    assert warnings.formatwarning is before


def start(words, **streams):
    command = [sys.executable, "-m", "sk_noise2sr", "denoise", *words, *WIENER]
    return subprocess.run(command, check=False, text=True, **streams)


@pytest.mark.skipif(os.name != "posix", reason="closes the streams of POSIX")
@pytest.mark.parametrize("jobs", ["1", pytest.param("2", marks=pytest.mark.slow)])
def test_a_job_whose_streams_are_closed(jobs):
    words = ["a.tif", "missing.tif", "-o", "clean/", "--json", "--jobs", jobs]
    process = start(words, stdout=subprocess.PIPE, preexec_fn=partial(os.close, 2))
    status = [json.loads(line)["status"] for line in process.stdout.splitlines()]
    assert (sorted(status), process.returncode) == (["done", "failed"], 1)
    process = start([*words, "--force"], preexec_fn=partial(os.closerange, 0, 3))
    assert process.returncode == 1
    assert os.listdir("clean") == ["a.tif"]


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="Linux")
def test_a_log_that_cannot_be_written_ends_a_batch_in_words():
    with open("/dev/full", "w") as full:
        process = start(["a.tif", RED, "-o", "clean/"], stdout=full, stderr=subprocess.PIPE)
    assert process.returncode == 1
    last = process.stderr.splitlines()[-1]
    assert last == "sk-noise2sr: standard output cannot be written: No space left on device."
    assert os.listdir("clean") == ["a.tif"]


def test_a_warning_is_said_once_and_none_that_is_about_tools_of_python(rng):
    """Refits of error bars repeated it; scans were called searches of scikit-learn."""
    rows, columns = np.mgrid[:96, :64]
    image = 20 + 9 * np.sin(columns / 4) * np.sin(rows / 4) + rng.normal(0, 2, (96, 64))
    image = rng.permutation(image)
    image[-10:] = 0
    with pytest.warns(UserWarning, match="rows of the image look shuffled"):
        AdaptiveWiener().fit(image)
    write_image("scan.tif", image)
    process = start(["scan.tif", "--error-bars"], stderr=subprocess.PIPE)
    assert process.returncode == 0
    lines = process.stderr.splitlines()
    assert len(lines) == len({*lines}) <= 2  # of the fit and of the image under its mask
    assert all("640 of 6144 pixels lie in regions" in line for line in lines)
