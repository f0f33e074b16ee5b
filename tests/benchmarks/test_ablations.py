"""The commands that repeat the paper's ablations share what was measured."""

import importlib
import json
from pathlib import Path

import pytest

from sk_noise2sr.io import write_image

ROOT = Path(__file__).parents[2]
FIGURES = {"psnr": 30.0, "ssim": 0.9, "noisy_psnr": 10.0, "fit_cpu": 3.0, "transform_cpu": 1.0}
HEAD = {"method": "noise2sr", "image": "a.tif", "level": 0.05, "budget": "short", "binning": 1.0}


@pytest.fixture
def command(monkeypatch):
    """Return what imports a module of benchmarks.paper, as from the root of a clone."""
    monkeypatch.syspath_prepend(ROOT)
    return lambda name: importlib.import_module(f"benchmarks.paper.{name}")


@pytest.fixture
def file(tmp_path):
    """Write lines that name little more than M, binning and refine."""
    path = tmp_path / "lines.jsonl"
    walls = {"fit_wall": 3.0, "transform_wall": 1.0, "steps": 2000}
    named = {"M": 50, "binning": 1, "refine": False}
    lines = [
        {**HEAD, **FIGURES, **walls, "seed": seed, "psnr": 30.0 + seed, "parameters": parameters}
        for seed in (0, 1)
        for parameters in (named, {**named, "epochs": 20}, {**named, "M": 3})
    ]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf8")
    return path


@pytest.mark.parametrize(
    ("name", "row"),
    [
        ("table3", "| noise2sr, compact | 2 |"),
        ("table4", "| pixelshuffle | 2 |"),
        ("figure10", "| 2 | 48 | 2 | 30.50 ± 0.50 |"),
        ("encoders", "| compact | 20 | 2 | 4 | 30.50 ± 0.50 |"),
    ],
)
def test_a_line_serves_all_who_ask_for_its_defaults_by_name(command, file, capsys, name, row):
    figure = {"figure10", "encoders"} & {name} and ["--figure", str(file.with_suffix(".png"))]
    assert command(name).main([str(file), *figure]) == 0
    assert row in capsys.readouterr().out


def test_lines_with_other_settings_are_left_out(command, file, capsys):
    command("table4").main([str(file)])
    command("table2").main([str(file)])
    assert capsys.readouterr().out.count("| 2 |") == 1


def test_equal_time_lies_between_the_points_of_a_curve(command):
    encoders = command("encoders")
    points = [
        (epochs, [{"psnr": psnr, "fit_cpu": seconds, "transform_cpu": 0.0}])
        for epochs, seconds, psnr in [(5, 10.0, 30.0), (50, 1000.0, 34.0)]
    ]
    assert encoders.at_equal_time(points, 100.0) == pytest.approx(32.0)
    assert encoders.at_equal_time(points, 1000.0) == pytest.approx(34.0)
    for outside in (9.0, 1001.0):
        assert encoders.at_equal_time(points, outside) != encoders.at_equal_time(points, outside)


def test_one_fit_serves_several_numbers_of_draws_and_repeats(command, tmp_path, clean):
    ablations = command("ablations")
    write_image(tmp_path / "a.tif", clean)
    task = {
        **{**HEAD, "budget": "smoke", "seed": 0, "path": str(tmp_path / "a.tif")},
        "parameters": {"binning": 1, "refine": False, "sampling": "independent"},
        "then": [{"M": 1}, {"M": 8}, {"M": 8, "repeat": 1}],
    }
    heads = ablations.heads_of(task)
    lines = ablations.measure(heads)
    one, eight, again = (line["psnr"] for line in lines)
    assert one < eight
    assert again != eight
    assert len({line["fit_cpu"] for line in lines}) == 1
    assert len(set(map(ablations.key_of, heads))) == 3


@pytest.mark.slow
def test_what_is_in_the_file_is_not_measured_again(command, tmp_path, clean, capsys):
    write_image(tmp_path / "a.tif", clean)
    file = tmp_path / "lines.jsonl"
    words = [str(file), "--images", str(tmp_path), "--levels", "0.05", "--budget", "smoke"]
    run = command("run").main
    assert run([*words, "--methods", "adaptivewiener"]) == 0
    first = file.read_text(encoding="utf8")
    (line,) = map(json.loads, first.splitlines())
    assert {"machine", "versions", "commit"} <= set(line)
    assert line["psnr"] > line["noisy_psnr"]
    file.write_text(first + first[:50], encoding="utf8")  # what a crash leaves behind
    assert run([*words, "--methods", "adaptivewiener,wiener_bound"]) == 0
    assert "a broken line" in capsys.readouterr().err
    lines = file.read_text(encoding="utf8").splitlines()
    assert [json.loads(text)["method"] for text in (lines[0], lines[-1])] == [
        "adaptivewiener",
        "wiener_bound",
    ]
    assert len(lines) == 3
