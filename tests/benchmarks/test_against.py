"""The code of another commit is read from git, and compared by ratios."""

import importlib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def against(monkeypatch):
    """Return the command, as from the root of a clone."""
    monkeypatch.syspath_prepend(ROOT)
    return importlib.import_module("benchmarks.speed.against")


def test_the_table_has_ratios_and_the_least_difference(against):
    there, here = {"cpu": 10.0, "wall": 10.0, "psnr": 30.0}, {"cpu": 4.0, "wall": 3.0, "psnr": 30.5}
    line = {"denoiser": "default", "against": "b2fe026", "image": "a.tif"}
    line |= {"there": there, "here": here}
    worse = {**line, "image": "b.tif", "here": {"cpu": 6.0, "wall": 3.4, "psnr": 29.9}}
    first, *each = against.rows([line, worse])
    shown = ("1", "10.0", "5.0", "0.50", "0.32", "+0.20", "-0.10")
    assert first == ("default", "b2fe026", "all", "2", *shown)
    assert [row[2] for row in each] == ["a.tif", "b.tif"]
    two = [*against.rows([line, {**line, "n_threads": 2}])]
    assert [row[2:5] for row in two[::2]] == [("all", "1", "1"), ("all", "1", "2")]


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="no clone")
def test_the_package_is_written_as_it_was(against, tmp_path):
    against.check_out("HEAD", tmp_path / "code")
    assert (tmp_path / "code" / "sk_noise2sr" / "__init__.py").exists()
    assert [path.name for path in (tmp_path / "code").iterdir()] == ["sk_noise2sr"]


def test_images_need_a_commit(against, capsys):
    with pytest.raises(SystemExit):
        against.main(["lines.jsonl", "--images", str(ROOT / "benchmarks" / "images")])
    assert "--images needs a --commit to compare with" in capsys.readouterr().err


def test_a_commit_that_is_none_is_told(against, tmp_path):
    with pytest.raises(SystemExit, match="one of this clone, got 'nothing'"):
        against.check_out("nothing", tmp_path / "code")
    assert not list(tmp_path.iterdir())
