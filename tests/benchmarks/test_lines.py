"""Lines that are missing: what cannot be measured is said, and stops no other."""

import importlib
from pathlib import Path


def test_a_name_that_is_unknown_stops_no_other(tmp_path, monkeypatch, capsys):
    monkeypatch.syspath_prepend(Path(__file__).parents[2])
    lines = importlib.import_module("benchmarks._lib.lines")
    monkeypatch.setattr(lines, "_alone", lambda measure, task: [measure(task)])
    tasks = [{"scene": "nope"}, {"scene": "te"}]
    path = tmp_path / "measured.jsonl"
    known = {"te": {"psnr": 20.0}}
    failed = lines.measure_missing(path, ("scene",), tasks, lambda task: known[task["scene"]])
    assert failed == 1
    assert "{'scene': 'nope'} failed: KeyError: 'nope'" in capsys.readouterr().err
    assert lines.read_lines(path) == [{"scene": "te", "psnr": 20.0}]
