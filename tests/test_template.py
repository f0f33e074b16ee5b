"""The template of the documentation: it keeps the contract, and the command line takes it."""

import contextlib
import shutil
import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import numpy as np
import pytest
import tifffile
from joblib import Parallel, delayed

from sk_noise2sr import Training
from sk_noise2sr.cli import _methods, main
from sk_noise2sr.engine import _plan
from sk_noise2sr.testing import check_denoiser

TEMPLATE = Path(__file__).parents[1] / "docs" / "my_denoiser.py"


@pytest.fixture
def folder(tmp_path, monkeypatch, noisy):
    """Go to a folder with the template and an image; its module is forgotten afterwards."""
    shutil.copy(TEMPLATE, tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    monkeypatch.setattr(_plan, "CROPS_PER_EPOCH", 1)
    tifffile.imwrite("frame.tif", noisy.astype("float32"))
    yield tmp_path
    for name in ("my_denoiser", "broken"):
        sys.modules.pop(name, None)


def test_the_template_keeps_the_contract(folder):
    import my_denoiser  # noqa: PLC0415

    check_denoiser(my_denoiser.MyFilter())
    training = Training(crop_size=16, held_out=1e-9)
    check_denoiser(my_denoiser.MyNetwork(epochs=1, training=training, random_state=0, verbose=0))


def test_the_command_line_takes_a_class(folder, capsys):
    words = ["denoise", "frame.tif", "--method", "my_denoiser:MyFilter"]
    assert main([*words, "--sigma", "2.0", "-o", "two.tif"]) == 0
    assert main([*words, "-o", "one.tif"]) == 0
    assert tifffile.imread("two.tif").std() < tifffile.imread("one.tif").std()
    assert main([*words, "--sigma", "-1", "--force"]) == 2
    assert "'sigma' parameter of MyFilter" in capsys.readouterr().err


def test_the_help_shows_the_options_of_a_class(folder, capsys):
    with pytest.raises(SystemExit) as end:
        main(["denoise", "--help-all", "--method", "my_denoiser:MyFilter"])
    assert end.value.code == 0
    shown = capsys.readouterr().out
    assert "hyperparameters of MyFilter:" in shown
    assert "--sigma" in shown


def test_a_comparison_takes_a_class(folder, capsys):
    methods = "my_denoiser:MyFilter,AdaptiveWiener"
    assert main(["compare", "frame.tif", "--methods", methods, "-o", "both"]) == 0
    assert Path("both/myfilter.tif").exists()
    head, own, ours = capsys.readouterr().out.splitlines()[:3]
    assert own.startswith("my_denoiser:MyFilter  ")
    assert len(own) == len(ours) == len(head)


@pytest.mark.slow  # starts processes
def test_processes_of_a_batch_find_a_class(folder):
    shutil.copy("frame.tif", "other.tif")
    with contextlib.chdir("/"):  # workers that are there already do not find it
        Parallel(2)(delayed(abs)(number) for number in range(2))
    words = ["frame.tif", "other.tif", "-o", "out/", "--jobs", "2"]
    assert main(["denoise", *words, "--method", "my_denoiser:MyFilter"]) == 0
    first, second = (tifffile.imread(f"out/{name}.tif") for name in ("frame", "other"))
    np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize(
    ("method", "message"),
    [
        ("my_denoiser:Nobody", "my_denoiser:Nobody cannot be imported: AttributeError: module"),
        ("nowhere:MyFilter", "No module named 'nowhere'"),
        ("broken:MyFilter", "broken:MyFilter cannot be imported: ZeroDivisionError: division"),
        ("my_denoiser:gaussian_filter", "no class derived from sk_noise2sr.base.BaseDenoiser"),
        ("my_denoiser:", "cannot be imported"),
        (":MyFilter", "cannot be imported"),
    ],
)
def test_what_is_no_class_of_a_denoiser_is_wrong_usage(folder, capsys, method, message):
    Path("broken.py").write_text("1 / 0")
    for words in (["denoise", "--method"], ["compare", "--methods"]):
        with pytest.raises(SystemExit) as end:
            main([words[0], "frame.tif", words[1], method])
        assert end.value.code == 2
        assert message in capsys.readouterr().err


def test_an_installed_package_announces_its_own(folder, monkeypatch, capsys):
    mine = EntryPoint("MyFilter", "my_denoiser:MyFilter", "sk_noise2sr.denoisers")
    bad = EntryPoint("Broken", "broken:MyFilter", "sk_noise2sr.denoisers")
    shadow = EntryPoint("Noise2SR", "my_denoiser:MyFilter", "sk_noise2sr.denoisers")
    monkeypatch.setattr(_methods, "entry_points", lambda group: [mine, bad, shadow])
    methods = _methods.find_methods()
    assert methods["myfilter"].__name__ == "MyFilter"
    assert methods["noise2sr"].__name__ == "Noise2SR"
    assert "the method Broken is left out: broken:MyFilter cannot be" in capsys.readouterr().err
    assert main(["denoise", "frame.tif", "--method", "myfilter"]) == 0
