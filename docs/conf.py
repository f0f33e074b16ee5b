import importlib
import inspect
import pkgutil
from collections.abc import Iterable
from pathlib import Path

import sk_noise2sr

HERE = Path(__file__).parent

project = "sk_noise2sr"
author = "The sk_noise2sr developers"
copyright = author
version = release = sk_noise2sr.__version__

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.doctest",
    "numpydoc",
    "sphinx_design",
    "sphinx_gallery.gen_gallery",
]
exclude_patterns = ["_build", "api/generated/tables.rst"]
default_role = "code"
autodoc_typehints = "none"
autosummary_generate = False  # write_api_pages does it
numpydoc_show_class_members = False  # autodoc lists the methods

# Examples are run at each build, which fails where one does.
sphinx_gallery_conf = {
    "examples_dirs": "../examples",
    "gallery_dirs": "examples",
    "within_subsection_order": "FileNameSortKey",
    "write_computation_times": False,
    "show_signature": False,
}
suppress_warnings = ["config.cache"]  # the gallery's settings are no value that can be stored

html_theme = "pydata_sphinx_theme"
html_title = f"sk_noise2sr {release}"
html_show_sourcelink = False
html_show_copyright = False
html_static_path = ["static"]
html_css_files = ["slider.css"]
html_sidebars = {"index": [], "changelog": []}
html_theme_options = {
    "navbar_align": "left",
    "header_links_before_dropdown": 7,
    "show_prev_next": True,
    "secondary_sidebar_items": ["page-toc"],
    "pygments_light_style": "default",
    "footer_start": [],
    "footer_end": ["sphinx-version"],
}

# The API pages: one for each name in the __all__ of a folder, and tables for api.rst to include.

PAGES = HERE / "api" / "generated"
FIRST = ["denoisers", "io", "report", "trust", "metrics", "datasets", "noise"]  # read most
NOT_FOR_READERS = ", ".join(
    f"set_{name}_request" for name in ("fit", "partial_fit", "predict", "transform", "score")
)  # of scikit-learn
# Of folders of machinery, what one meets who uses or adds a method; of the others, all but helpers.
SHOWN = {
    "cli": "",
    "engine": "Batch Draws Training",
    "grid": "",
    "movies": "Context",
    "refine": "",
}
HELPERS = {
    "io": "check_target create_zarr cropped derived_record hyperspy_noise image_names jsonable "
    "replacing select_image",
    "networks": "encoder_options make_upsampler patch_noise_std",
    "report": "liveliest_part scale_bar thumbnail",
    "samplers": "choose_sampling diagonal_means grid_mask hide pick split unseen_columns "
    "unseen_rows",
    "schemes": "either_way fresh_noise from_reference",
    "testing": "CONTRACT",
}


def write_api_pages():
    """Write the pages and the tables into api/generated."""
    PAGES.mkdir(parents=True, exist_ok=True)
    folders = {folder.name for folder in pkgutil.iter_modules(sk_noise2sr.__path__) if folder.ispkg}
    tables, pages = [], set()
    for folder in FIRST + sorted(folders - set(FIRST)):
        module = importlib.import_module(f"sk_noise2sr.{folder}")
        members = {name: getattr(module, name) for name in readers_names(folder, module)}
        if not members:
            continue
        shown = [name for name, member in members.items() if is_described(member)]
        for name in shown:
            pages.add(write_page(f"{module.__name__}.{name}", members[name]))
        constants = {name: members[name] for name in members if name not in shown}
        tables.append(table(module, shown, constants))
    write_if_changed(PAGES / "tables.rst", "\n".join(tables))
    for page in set(PAGES.glob("*.rst")) - pages - {PAGES / "tables.rst"}:
        page.unlink()


def readers_names(folder, module):
    """Return the names of a folder that are for readers, in order."""
    if folder in SHOWN:
        return sorted(SHOWN[folder].split())
    return sorted(set(module.__all__) - set(HELPERS.get(folder, "").split()))


def is_described(member):
    """Whether a public name has a docstring of its own; constants have none."""
    return inspect.isclass(member) or inspect.isfunction(member)


def write_page(path, member):
    """Write the page of one class or function, and return where."""
    lines = [path.rpartition(".")[2], "=" * len(path), ""]
    if inspect.isclass(member):
        lines += [f".. autoclass:: {path}", "   :members:"]
        # Methods that come from scikit-learn or torch are documented there.
        bases = [base for base in member.__mro__ if not base.__module__.startswith("sk_noise2sr")]
        lines += [f"   :inherited-members: {', '.join(base.__name__ for base in bases)}"]
        lines += [f"   :exclude-members: {NOT_FOR_READERS}"]
    else:
        lines += [f".. autofunction:: {path}"]
    page = PAGES / f"{path}.rst"
    write_if_changed(page, "\n".join(lines) + "\n")
    return page


def table(module, shown, constants):
    """Return a section for api.rst: the public names of a folder, one line each."""
    lines = [module.__name__, "-" * len(module.__name__), "", inspect.getdoc(module), ""]
    lines += [".. autosummary::", "   :toctree: api/generated", "   :nosignatures:", ""]
    lines += [f"   ~{module.__name__}.{name}" for name in shown]
    for name, value in constants.items():
        known = ", ".join(f"``{key!r}``" for key in value) if isinstance(value, Iterable) else None
        lines += ["", f"``{name}`` knows {known}." if known else f"``{name}`` is ``{value!r}``."]
    return "\n".join([*lines, ""])


def write_if_changed(path, text):
    """Leave files alone that are up to date, for Sphinx to leave their pages alone too."""
    if not path.exists() or path.read_text(encoding="utf8") != text:
        path.write_text(text, encoding="utf8")


write_api_pages()
