"""What a command does not need is not loaded: torch, scikit-learn, torch's compiler."""

import importlib.metadata
import subprocess
import sys

import pytest

from sk_noise2sr.io import write_image

RUN = """
import sys
from sk_noise2sr.cli import main
for words in {commands}:
    try:
        main(words)
    except SystemExit:
        pass
    loaded = {unwanted} & set(sys.modules)
    assert not loaded, (words, loaded)
"""


@pytest.fixture
def folder(tmp_path, noisy):
    """Return a folder with a noisy image."""
    write_image(tmp_path / "frame.tif", noisy.astype("float32"))
    return tmp_path


def run(commands, unwanted, folder):
    code = RUN.format(commands=commands, unwanted=unwanted)
    ended = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def test_help_and_wrong_words_load_neither_torch_nor_scikit_learn(folder):
    commands = [
        ["--help"],
        ["denoise", "--help-all", "--method", "self2self"],
        ["compare", "--help"],
        ["sharpen"],
        ["denoise"],
        ["denoise", "frame.tif", "--method", "sharpen"],
        ["denoise", "frame.tif", "--jobs", "none"],
        ["denoise", "frame.tif", "--epoch", "3"],
        ["denoise", "frame.tif", "--batch-siz=3", "--no-refine"],
        ["denoise", "frame.tif", "--preset", "quick"],
        ["denoise", "frame.tif", "--method", "vstbm3d", "--epochs", "3"],
        ["denoise", "frame.tif", "--epochs"],
        ["denoise", "frame.tif", "--epochs", "many", "--stride", "2"],
        ["denoise", "frame.tif", "--stride", "1"],
        ["denoise", "frame.tif", "--encoder", "resnet"],
        ["denoise", "missing.tif", "--epochs", "3", "--no-refine", "--tol", "0.1"],
        ["denoise", "frame.tif", "--target", "missing.tif", "--method", "noise2noise"],
        ["denoise", "frame.tif", "--target", "frame.tif"],
        ["denoise", "frame.tif", "--method", "noise2noise"],
        ["denoise", "frame.tif", "--preview", "--json"],
        ["denoise", "frame.tif", "-o", "clean.docx"],
        ["denoise", "frame.tif", "-o", "nowhere/clean.tif"],
        ["denoise", "frame.tif", "-o", "frame.tif"],
        ["compare", "frame.tif", "--methods", "noise2sr@quick"],
        ["compare", "frame.tif", "--methods", "sharpen"],
        ["compare", "missing.tif"],
        ["columns", "frame.tif", "--denoised", "missing.tif"],
        ["diagnose", "missing.tif"],
    ]
    assert "zsn2n" in run(commands, {"torch", "sklearn", "scipy"}, folder)


def test_a_value_that_only_its_class_refuses_loads_no_torch(folder):
    run([["denoise", "frame.tif", "--epochs", "1000000"]], {"torch"}, folder)


def test_a_method_without_a_network_loads_no_torch(folder):
    work = ["denoise", "frame.tif", "--method", "vstbm3d", "-o", "clean/", "--resume"]
    printed = run([work, work, ["diagnose", "frame.tif"]], {"torch"}, folder)
    assert "clean/frame.tif exists" in printed.replace("\\", "/")


@pytest.mark.skipif(
    not importlib.metadata.version("torch").endswith("+cpu"), reason="torch could find a GPU"
)
def test_info_loads_no_torch_that_has_but_the_cpu(folder):
    assert "device        cpu" in run([["info"]], {"torch"}, folder)


def test_a_fit_does_not_load_the_compiler_of_torch(folder):
    words = ["denoise", "frame.tif", "--epochs", "1", "--M", "4", "--verbose", "0"]
    assert "binning" in run([words], {"torch._dynamo", "sympy"}, folder)
