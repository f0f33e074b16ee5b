"""What README.md and the documentation show runs: Python blocks, and lines of the command line."""

import doctest
import re
import shlex
import textwrap
from pathlib import Path

import numpy as np
import pytest

from sk_noise2sr import datasets
from sk_noise2sr.cli import main
from sk_noise2sr.engine import _plan
from sk_noise2sr.io import Calibration, write_image

ROOT = Path(__file__).parents[1]
PAGES = ["README.md", "docs/index.rst", "docs/first_steps.rst"]
PAGES += ["docs/files.rst", "docs/large.rst"]
COMMANDS = ["README.md", "docs/command_line.rst", "docs/report.rst"]
SESSIONS = [
    str(page) for page in sorted((ROOT / "docs").glob("*.rst")) if ">>> " in page.read_text("utf8")
]
RIDDLES = [  # what was not understood, and is said otherwise now
    "of what is missing is missing",
    "what pays",
    "half of what lies between",
    "what the others say",
    "as many steps as are behind",
    "makes the tiles as small as",
    "says so by running out",
    "gives up repeatability",
    "what a tiff keeps",
    "one image is no table",
    "there and back",
    "when it gives 1",
    "shows once more",
    "wakes torch",
    "a toss",
    "leave epochs away",
]
MARKDOWN = r"(?ms)^```{language}\n(.*?)^```"
RST = r"(?m)^ *\.\. code-block:: {language}\n\n((?:   .*\n|\n)+)"


def blocks(page, language):
    """Return the blocks of code in a page, in order."""
    pattern = (MARKDOWN if page.endswith(".md") else RST).replace("{language}", language)
    text = (ROOT / page).read_text(encoding="utf8") + "\n"
    return [textwrap.dedent(block) for block in re.findall(pattern, text)]


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch, scene, noisy):
    """Go to a folder with the files that the pages name; trainings are cut to one crop an epoch."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(_plan, "CROPS_PER_EPOCH", 1)
    monkeypatch.setattr(datasets, "load_sample", lambda: scene)
    for name in ("frame.tif", "second.tif"):
        write_image(name, noisy, Calibration((0.01, 0.01), "nm"))
    write_image("movie.npy", np.stack([noisy, noisy[::-1], noisy.T, noisy[:, ::-1], noisy]))


@pytest.mark.parametrize("page", PAGES)
def test_python_blocks_run(page):
    names = {}
    for block in blocks(page, "python"):
        exec(compile(block, page, "exec"), names)
    assert np.shape(names["denoised"])[-2:] == (64, 64)


@pytest.mark.parametrize("page", COMMANDS)
def test_lines_of_the_command_line_run(page):
    lines = "".join(blocks(page, "console")).replace("$ ", "").replace(".dm4", ".tif").splitlines()
    commands = [shlex.split(line)[1:] for line in lines if line.startswith("sk-noise2sr denoise")]
    assert len(commands) >= 2
    for words in commands:
        if not {"--help", "--help-all"} & set(words):
            assert main(words) == 0


@pytest.mark.parametrize("page", SESSIONS)
def test_sessions_of_python_say_what_is_printed(page, monkeypatch):
    monkeypatch.setattr(_plan, "CROPS_PER_EPOCH", 40)  # what a fit needs to pass its check
    flags = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
    failed, attempted = doctest.testfile(page, module_relative=False, optionflags=flags)
    assert attempted > 0
    assert failed == 0


def test_no_riddle_is_left():
    texts = [ROOT / "README.md", *ROOT.glob("docs/*.rst"), *ROOT.glob("sk_noise2sr/**/*.py")]
    for path in texts:
        text = " ".join(path.read_text(encoding="utf8").lower().split())
        assert [riddle for riddle in RIDDLES if riddle in text] == [], path
