"""What a class of the package takes, read from its source: to import it would take seconds."""

import ast
from pathlib import Path

_PACKAGE = Path(__file__).parents[1]


def read_words(folder, name):
    """Read the names of the parameters and of the presets of a class.

    Parameters
    ----------
    folder : str
        The subpackage that it is public in, such as ``"denoisers"``.
    name : str
        Its name, in upper or lower case.

    Returns
    -------
    parameters : dict of str to bool
        The names of its parameters, and whether a parameter is a flag.
    presets : list of str
        The names of its presets. None, instead of the pair, stands for a class of elsewhere.

    Examples
    --------
    >>> read_words("denoisers", "vstbm3d")
    ({'noise': False, 'binning': False, 'refine': True}, ['default', 'paper'])
    """
    for source in _tree(folder, "__init__.pyi").body:
        for alias in getattr(source, "names", ()):
            if alias.name.lower() == name.lower():
                return _words(_tree(folder, f"{source.module}.py"), alias.name)
    return None


def _tree(folder, file):
    return ast.parse(_PACKAGE.joinpath(folder, file).read_text(encoding="utf8"))


def _words(module, name):
    (body,) = (node.body for node in module.body if getattr(node, "name", None) == name)
    (init,) = (node.args for node in body if getattr(node, "name", None) == "__init__")
    arguments = (*init.args[1:], *init.kwonlyargs)
    defaults = (*init.defaults, *init.kw_defaults)
    flags = (isinstance(getattr(default, "value", None), bool) for default in defaults)
    names = (argument.arg for argument in arguments)
    return dict(zip(names, flags, strict=True)), _presets(body) or ["default"]


def _presets(body):
    for node in body:
        if isinstance(node, ast.Assign) and node.targets[0].id == "_presets":
            return [key.value for key in node.value.keys]
    return []
