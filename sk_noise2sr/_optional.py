"""Optional packages: a sentence that says what to install instead of a bare ImportError."""

import importlib


def import_optional(name, purpose, extra):
    """Import a package that the core does not depend on.

    Parameters
    ----------
    name : str
        Name of the module.
    purpose : str
        What needs it, as the beginning of a sentence.
    extra : str
        The extra of this package that brings it.

    Returns
    -------
    module
        The module.

    Raises
    ------
    ImportError
        If it is missing: what to install.

    Examples
    --------
    >>> import_optional("no_such_package", "Counting atoms", "atoms")
    Traceback (most recent call last):
        ...
    ImportError: Counting atoms needs no_such_package; pip install "sk_noise2sr[atoms]".
    """
    try:
        return importlib.import_module(name)
    except ImportError as error:
        package = name.partition(".")[0]
        raise ImportError(
            f'{purpose} needs {package}; pip install "sk_noise2sr[{extra}]".'
        ) from error
