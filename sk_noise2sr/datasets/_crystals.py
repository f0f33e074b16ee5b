"""Unit cells of real crystals: where their atoms are."""

from typing import NamedTuple

import numpy as np


class Crystal(NamedTuple):
    """Unit cell, in nm and fractions of it, and how it is looked at."""

    lengths: tuple
    group: str
    sites: dict  # atomic number: positions, one for each set of equivalent atoms
    beam: int  # the axis along which the beam runs; the others lie in the image
    thickness: float
    hexagonal: bool = False


# Space groups: a rotation and a translation for each operation.
_C3 = [[0, -1, 0], [1, -1, 0], [0, 0, 1]]
_C3_TWICE = [[-1, 1, 0], [-1, 0, 0], [0, 0, 1]]
_SWAP = [[0, 1, 0], [1, 0, 0], [0, 0, -1]]
_FLIP_Y = [[1, -1, 0], [0, -1, 0], [0, 0, -1]]
_FLIP_X = [[-1, 0, 0], [-1, 1, 0], [0, 0, -1]]
OPERATIONS = {
    "P3_1 2 1": [
        (np.eye(3), (0, 0, 0)),
        (_C3, (0, 0, 1 / 3)),
        (_C3_TWICE, (0, 0, 2 / 3)),
        (_SWAP, (0, 0, 0)),
        (_FLIP_Y, (0, 0, 2 / 3)),
        (_FLIP_X, (0, 0, 1 / 3)),
    ],
    "Pnma": [
        (np.diag((1, 1, 1)), (0, 0, 0)),
        (np.diag((-1, -1, 1)), (0.5, 0, 0.5)),
        (np.diag((-1, 1, -1)), (0, 0.5, 0)),
        (np.diag((1, -1, -1)), (0.5, 0.5, 0.5)),
        (np.diag((-1, -1, -1)), (0, 0, 0)),
        (np.diag((1, 1, -1)), (0.5, 0, 0.5)),
        (np.diag((1, -1, 1)), (0, 0.5, 0)),
        (np.diag((-1, 1, 1)), (0.5, 0.5, 0.5)),
    ],
    "Cmcm": [
        (np.diag(signs), (shift, shift, half))
        for shift in (0, 0.5)
        for signs, half in [
            ((1, 1, 1), 0),
            ((-1, -1, 1), 0.5),
            ((-1, 1, -1), 0.5),
            ((1, -1, -1), 0),
            ((-1, -1, -1), 0),
            ((1, 1, -1), 0.5),
            ((1, -1, 1), 0.5),
            ((-1, 1, 1), 0),
        ]
    ],
}

CRYSTALS = {
    "te": Crystal(
        lengths=(0.4457, 0.4457, 0.5929),
        group="P3_1 2 1",
        sites={52: [(0.2636, 0, 1 / 3)]},
        beam=2,
        thickness=3.0,
        hexagonal=True,
    ),
    "mfi": Crystal(  # Crystallography Open Database 4115456
        lengths=(2.011351, 1.992999, 1.340977),
        group="Pnma",
        sites={
            14: [
                (0.42458, 0.05687, -0.33132),
                (0.30832, 0.02952, -0.18594),
                (0.27791, 0.06124, 0.03357),
                (0.11943, 0.06216, 0.02981),
                (0.07284, 0.02876, -0.18685),
                (0.18928, 0.06158, -0.32586),
                (0.42247, -0.17522, -0.32217),
                (0.30717, -0.12936, -0.18498),
                (0.27292, -0.17543, 0.03243),
                (0.12056, -0.17179, 0.03548),
                (0.07024, -0.12891, -0.17661),
                (0.18476, -0.17288, -0.32195),
            ],
            8: [
                (0.37779, 0.04826, -0.23613),
                (0.30761, 0.06133, -0.07677),
                (0.19874, 0.06515, 0.02828),
                (0.10037, 0.06026, -0.08558),
                (0.11723, 0.05599, -0.27672),
                (0.24662, 0.0617, -0.24355),
                (0.37532, -0.15697, -0.23024),
                (0.30497, -0.15366, -0.0716),
                (0.19722, -0.15121, 0.03153),
                (0.08582, -0.16164, -0.07049),
                (0.1183, -0.15146, -0.2652),
                (0.24732, -0.15158, -0.25576),
                (0.31713, -0.05003, -0.18949),
                (0.08099, -0.04985, -0.16752),
                (0.41472, 0.12978, -0.37815),
                (0.41052, 0.00234, -0.41595),
                (0.39774, -0.13044, -0.41373),
                (0.19122, 0.13119, -0.38429),
                (0.19514, 0.00116, -0.40364),
                (0.19896, -0.1317, -0.4217),
                (-0.00272, 0.04535, -0.2132),
                (-0.00174, -0.15788, -0.2022),
                (0.42503, -0.25, -0.3646),
                (0.19867, -0.25, -0.34601),
                (0.28844, -0.25, 0.06889),
                (0.11548, -0.25, 0.05959),
            ],
        },
        beam=1,
        thickness=10.0,
    ),
    "mor": Crystal(  # V. Gramlich, thesis, ETH Zurich, 1971
        lengths=(1.811, 2.053, 0.7528),
        group="Cmcm",
        sites={
            14: [
                (0.19897, 0.42771, 0.5418),
                (0.19656, 0.19092, 0.5454),
                (0.0871, 0.384, 0.25),
                (0.0866, 0.228, 0.25),
            ],
            8: [
                (0.1232, 0.417, 0.4292),
                (0.1226, 0.1946, 0.4262),
                (0.2632, 0.3776, 0.4887),
                (0.0974, 0.3057, 0.25),
                (0.1694, 0.1946, 0.75),
                (0.1769, 0.4212, 0.75),
                (0.2324, 0.5, 0.5),
                (0.25, 0.25, 0.5),
                (0, 0.4071, 0.25),
                (0, 0.2061, 0.25),
            ],
        },
        beam=2,
        thickness=10.0,
    ),
}


def unit_cell(crystal):
    """Return all atoms of the cell: positions (n, 3), in fractions of it, and numbers (n,)."""
    rotations, translations = map(np.array, zip(*OPERATIONS[crystal.group], strict=True))
    positions, numbers = [], []
    for number, sites in crystal.sites.items():
        copies = np.einsum("rij,sj->rsi", rotations, sites) + translations[:, np.newaxis]
        atoms = np.unique(np.round(copies.reshape(-1, 3), 5) % 1, axis=0)
        positions.append(atoms)
        numbers.append(np.full(len(atoms), number))
    return np.concatenate(positions), np.concatenate(numbers)


def lattice_vectors(crystal):
    """Return the three edges of the unit cell, as rows, in nm."""
    edges = np.diag(crystal.lengths)
    if crystal.hexagonal:
        edges[1, :2] = crystal.lengths[1] * np.array([-0.5, np.sqrt(0.75)])
    return edges


def projected_lattice(crystal):
    """Return the two edges that lie in the image, as rows, in nm."""
    seen = np.delete(np.arange(3), crystal.beam)
    return lattice_vectors(crystal)[np.ix_(seen, seen)]
