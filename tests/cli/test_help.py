"""What the helps of the commands say."""

import re

import pytest

from sk_noise2sr import denoisers
from sk_noise2sr.cli._methods import find_methods
from sk_noise2sr.cli._source import describe_class, read_class

METHODS = find_methods()


@pytest.mark.parametrize("method", METHODS)
def test_help_names_every_hyperparameter_of_the_method(run, capsys, method):
    assert run("denoise", "--method", method, "--help-all") == 0
    text = capsys.readouterr().out
    assert f"hyperparameters of {METHODS[method].__name__}:" in text
    names = set(METHODS[method]().get_params()) - {"training"}  # its settings are there one by one
    for name in names:
        name = name.removeprefix("training__")
        assert f"--{name.replace('_', '-')}" in text
    for preset in METHODS[method]._presets:
        assert preset in text


@pytest.mark.parametrize("method", METHODS)
def test_the_source_of_a_method_names_what_its_class_takes(method):
    assert read_class("denoisers", method) == describe_class(METHODS[method])


def test_there_is_no_source_of_a_method_of_elsewhere():
    assert read_class("denoisers", "my_module:Mine") is None


def test_help_without_a_method_is_that_of_noise2sr_and_lists_all_methods(run, capsys):
    assert run("denoise", "--help-all") == 0
    text = capsys.readouterr().out
    assert "Side of a cell, in pixels. (int >= 2, default=2)" in " ".join(text.split())
    listed = re.findall(r"(?m)^  (\w+)  +[A-Z]", text.partition("methods:\n")[2])
    assert listed == sorted(name.lower() for name in denoisers.__all__)


@pytest.mark.parametrize("words", [[], ["--help"], ["--version"], ["sharpen"]])
def test_words_without_work(run, capsys, words):
    assert run(*words) == (0 if words in (["--help"], ["--version"]) else 2)


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("frame.tif", "frame.tif is no command; did you mean sk-noise2sr denoise frame.tif?"),
        ("new.dm4", "new.dm4 is no command; did you mean sk-noise2sr denoise new.dm4?"),
        ("denose", "unknown command 'denose'; did you mean denoise?"),
        ("sharpen", "unknown command 'sharpen'; known are denoise, compare, diagnose, columns"),
    ],
)
def test_a_first_word_that_is_no_command_gets_a_suggestion(run, folder, capsys, word, message):
    assert run(word) == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize("method", METHODS)
def test_the_help_of_denoise_fits_a_screen(run, capsys, method):
    assert run("denoise", "--help", "--method", method) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) <= 40
    assert max(map(len, lines)) <= 100
    text = "\n".join(lines)
    for word in ("--output", "--preset", "--help-all", *METHODS):
        assert word in text
    assert "--jobs" not in text


def test_metavars_tell_types(run, capsys):
    assert run("denoise", "--help-all") == 0
    text = capsys.readouterr().out
    for words in ("--stride INT", "--binning auto|NUMBER", "--preset default|fast|instant|paper"):
        assert words in text
    assert "VALUE" not in text


@pytest.mark.parametrize("command", ["compare", "diagnose", "columns", "demo", "info"])
def test_no_command_takes_abbreviations_or_more_words_than_it_has_room_for(
    run, folder, capsys, command
):
    files = [] if command in ("demo", "info") else ["frame.tif"]
    assert run(command, *files, "--hel") == 2
    assert "unknown option --hel; did you mean --help?" in capsys.readouterr().err
    assert run(command, *files, "more") == 2
    assert f"sk-noise2sr {command}: error: 'more' is one word too many" in capsys.readouterr().err
