"""Imports point down: the picture of the floors in docs/architecture.rst, as data."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import sk_noise2sr

ROOT = Path(sk_noise2sr.__file__).parent
FLOORS = [
    {"grid"},
    {"samplers", "networks", "noise", "metrics", "datasets", "io", "filters", "movies"},
    {"schemes", "refine"},
    {"engine"},
    {"base"},
    {"denoisers"},
    {"compose", "model_selection", "persistence", "trust", "testing"},
    {"lazy", "report"},
    {"cli", "_napari"},
]
FLOORS_OF_THE_GRID = ("mask", "colour", "lines", "binning")
FLOOR = {name: number for number, names in enumerate(FLOORS, start=1) for name in names}
FILES = sorted(path for path in ROOT.rglob("*.py") if path.parent != ROOT)


def floor_of(name):
    """Private files of the top level are the ground floor: what any floor may need."""
    return FLOOR.get(name, 0)


def imported_parts(path):
    """Yield the first name below sk_noise2sr of every import in a file, in functions too."""
    package = ["sk_noise2sr", *path.relative_to(ROOT).parts[:-1]]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf8"))):
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            head = ".".join([*base, *filter(None, [node.module])])
            modules = [f"{head}.{alias.name}" for alias in node.names]
        else:
            continue
        for module in modules:
            parts = module.split(".")
            if parts[0] == "sk_noise2sr" and len(parts) > 1:
                yield parts


def test_every_folder_stands_on_a_floor():
    folders = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert folders == set(FLOOR)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_point_down(path):
    folder = path.relative_to(ROOT).parts[0]
    for parts in imported_parts(path):
        if parts[1] == folder:
            continue
        below = floor_of(parts[1]) < floor_of(folder)
        assert below, f"{path.relative_to(ROOT)} imports {'.'.join(parts)}"


@pytest.mark.parametrize("path", sorted((ROOT / "grid").glob("*/*.py")), ids=lambda path: path.stem)
def test_folders_of_the_grid_point_down(path):
    floors = FLOORS_OF_THE_GRID
    for parts in imported_parts(path):
        if parts[1] == "grid" and parts[2] in floors:
            below = floors.index(parts[2]) <= floors.index(path.parent.name)
            assert below, f"{path.parent.name}/{path.name} imports {'.'.join(parts)}"


@pytest.mark.parametrize("path", sorted((ROOT / "denoisers").glob("_[a-z]*.py")))
def test_denoisers_do_not_know_one_another(path):
    for parts in imported_parts(path):
        assert parts[1] != "denoisers", f"{path.name} imports {'.'.join(parts)}"


def test_the_ground_floor_imports_nothing_of_the_package():
    for path in ROOT.glob("_[a-z]*.py"):
        imported = [".".join(parts) for parts in imported_parts(path)]
        assert not imported, f"{path.name} imports {imported}"


def test_a_scheme_knows_no_engine_and_the_engine_no_scheme():
    for folder, other in (("schemes", "engine"), ("engine", "schemes"), ("engine", "refine")):
        for path in (ROOT / folder).glob("*.py"):
            for parts in imported_parts(path):
                assert parts[1] != other, f"{path.name} imports {'.'.join(parts)}"


def test_importing_the_package_wakes_no_torch():
    code = (
        "import sys, sk_noise2sr, sk_noise2sr.cli; "
        "heavy = {'torch', 'sklearn', 'skimage', 'scipy', 'tifffile'} & set(sys.modules); "
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_denoisers_use_no_global_randomness():
    for path in ROOT.rglob("*.py"):
        text = path.read_text(encoding="utf8")
        for call in ("np.random.seed", "np.random.rand", "np.random.normal", "set_num_threads"):
            assert call not in text, f"{path.relative_to(ROOT)}: {call}"
