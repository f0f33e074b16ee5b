"""Docstrings and signatures say the same."""

import importlib
import inspect
import pkgutil
import re
import runpy
from pathlib import Path

import pytest

import sk_noise2sr
from sk_noise2sr._docs import parameter_texts


def public_objects():
    """Find every public class and function by walking the folders."""
    for folder in pkgutil.iter_modules(sk_noise2sr.__path__):
        if not folder.ispkg or folder.name[0] == "_":
            continue
        module = importlib.import_module(f"sk_noise2sr.{folder.name}")
        for name in module.__all__:
            member = getattr(module, name)
            if inspect.isclass(member) or inspect.isfunction(member):
                yield pytest.param(member, id=f"{folder.name}.{name}")


PUBLIC = list(public_objects())


@pytest.mark.parametrize("member", PUBLIC)
def test_documented_parameters_are_those_of_the_signature(member):
    names = ", ".join(parameter_texts(inspect.getdoc(member))).split(", ")
    documented = [name.lstrip("*") for name in names if name]
    abstract = inspect.isclass(member) and member.__name__.startswith("Base")
    if not abstract:  # what a base class takes is documented by those that derive from it
        assert documented == list(inspect.signature(member).parameters)


@pytest.mark.parametrize("member", PUBLIC)
def test_documented_defaults_are_those_of_the_signature(member):
    signature = inspect.signature(member).parameters
    for names, (kind, _) in parameter_texts(inspect.getdoc(member)).items():
        documented = re.search(r"default=(.+)$", kind)
        for name in names.split(", "):
            default = signature[name.lstrip("*")].default
            if repr(default) == "<factory>":
                default = member.__dataclass_fields__[name].default_factory()
            if default is inspect.Parameter.empty:
                assert documented is None, name
            else:
                assert documented, name
                assert documented[1].replace('"', "'") == repr(default), name


@pytest.mark.parametrize("member", PUBLIC)
def test_everything_public_has_a_docstring_that_starts_with_one_line(member):
    lines = inspect.getdoc(member).splitlines()
    assert lines[0].endswith((".", ":"))
    assert len(lines) == 1 or not lines[1]


def signatures(member):
    """Yield the signature of a function, or those of a class and its public methods."""
    if not inspect.isclass(member):
        yield inspect.signature(member)
        return
    yield inspect.signature(member).replace(return_annotation=None)
    for name, part in inspect.getmembers(member, inspect.isroutine):
        if name[0] != "_" and getattr(part, "__module__", "").startswith("sk_noise2sr"):
            yield inspect.signature(part)


@pytest.mark.parametrize("member", PUBLIC)
def test_public_signatures_have_types(member):
    for signature in signatures(member):
        types = {name: given.annotation for name, given in signature.parameters.items()}
        types = {**types, "self": None, "return": signature.return_annotation}
        assert inspect.Signature.empty not in types.values(), types


def test_the_program_that_mypy_reads_runs(tmp_path):
    program = runpy.run_path(str(Path(__file__).with_name("typed_use.py")))
    program["use"](tmp_path)
    assert (tmp_path / "clean.tif").exists()
