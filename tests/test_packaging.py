"""What a fresh install gets."""

import configparser
import re
import tomllib
from pathlib import Path

import pytest

import sk_noise2sr

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def pyproject():
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf8"))


def test_setup_cfg_holds_nothing_that_pyproject_overrides():
    parser = configparser.ConfigParser()
    parser.read(ROOT / "setup.cfg")
    assert not {"metadata", "options", "options.extras_require"} & set(parser.sections())


def test_no_version_has_an_upper_cap(pyproject):
    project = pyproject["project"]
    requirements = sum(project["optional-dependencies"].values(), project["dependencies"])
    assert not [one for one in requirements if re.search(r"<|==|~=", one)]


def test_constraints_keep_cuda_away():
    assert "torch==2.13.0" in (ROOT / "constraints.txt").read_text(encoding="utf8").split()


def test_no_copyleft_and_no_torchvision_in_the_core(pyproject):
    core = " ".join(pyproject["project"]["dependencies"])
    assert not re.search("rosettasciio|hyperspy|abtem|torchvision|bm3d", core)


def test_citation_names_the_version():
    text = (ROOT / "CITATION.cff").read_text(encoding="utf8")
    assert f"version: {sk_noise2sr.__version__}" in text


def test_changelog_names_the_version():
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf8")
    assert f"## {sk_noise2sr.__version__}" in text
