"""What a class of the package takes, read from its source: to import it would take seconds."""

import ast
import inspect
from pathlib import Path
from typing import NamedTuple

from .._docs import filled, parameter_texts

_PACKAGE = Path(__file__).parents[1]


class Words(NamedTuple):
    """What is known of a parameter.

    Parameters
    ----------
    is_flag : bool
        Whether its default is True or False.
    kind : str
        Its type, as the docstring has it.
    text : str
        Its description.
    """

    is_flag: bool
    kind: str
    text: str


class Described(NamedTuple):
    """What is known of a class.

    Parameters
    ----------
    name : str
        Its name.
    summary : str
        The first line of its docstring.
    parameters : dict of str to Words
        Its parameters by name.
    presets : list of str
        The names of its presets.
    needs_target : bool
        Whether it learns from pairs of images.
    """

    name: str
    summary: str
    parameters: dict[str, Words]
    presets: list[str]
    needs_target: bool


def read_class(folder, name):
    """Read from its source what a class of the package takes.

    Parameters
    ----------
    folder : str
        The subpackage that it is public in, such as ``"denoisers"``.
    name : str
        Its name, in upper or lower case.

    Returns
    -------
    Described or None
        What is known; None of a class of elsewhere.

    Examples
    --------
    >>> method = read_class("denoisers", "vstbm3d")
    >>> method.name, method.presets, method.parameters["binning"].kind
    ('VSTBM3D', ['default', 'paper'], '"auto" or float >= 1, default="auto"')
    """
    for source in _tree(folder, "__init__.pyi").body:
        for alias in getattr(source, "names", ()):
            if alias.name.lower() == name.lower():
                return _described(_tree(folder, f"{source.module}.py"), alias.name)
    return None


def describe_class(estimator_class):
    """Return the same of a denoiser that is loaded."""
    docstring = inspect.getdoc(estimator_class) or ""
    texts = parameter_texts(docstring)
    parameters = {
        name: Words(isinstance(each.default, bool), *texts.get(name, ("object", "Not described.")))
        for name, each in inspect.signature(estimator_class).parameters.items()
    }
    return Described(
        estimator_class.__name__,
        docstring.partition("\n")[0],
        parameters,
        list(estimator_class._presets),
        estimator_class._needs_target,
    )


def _tree(folder, file):
    return ast.parse(_PACKAGE.joinpath(folder, file).read_text(encoding="utf8"))


def _described(module, name):
    (found,) = (node for node in module.body if getattr(node, "name", None) == name)
    (init,) = (node.args for node in found.body if getattr(node, "name", None) == "__init__")
    names = (each.arg for each in (*init.args[1:], *init.kwonlyargs))
    given = map(ast.literal_eval, (*init.defaults, *init.kw_defaults))
    defaults = dict(zip(names, given, strict=True))
    docstring = filled(ast.get_docstring(found), defaults)
    texts = parameter_texts(docstring)
    parameters = {
        name: Words(isinstance(default, bool), *texts[name]) for name, default in defaults.items()
    }
    own = {node.targets[0].id: node.value for node in found.body if isinstance(node, ast.Assign)}
    presets = [key.value for key in own["_presets"].keys] if "_presets" in own else ["default"]
    summary = docstring.partition("\n")[0]
    return Described(name, summary, parameters, presets, "_needs_target" in own)
