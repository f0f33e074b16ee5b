"""The one seed that everything random in a fit grows from."""

import numpy as np
from sklearn.utils import check_random_state

_HIGHEST_SEED = 2**31 - 1


def make_seed(random_state):
    """Draw the seed that everything random in a fit grows from.

    Parameters
    ----------
    random_state : int, RandomState instance or None
        As in scikit-learn, but None takes fresh entropy: the global state is left alone.

    Returns
    -------
    int
        A seed in [0, 2**31).
    """
    if random_state is None:
        return int(np.random.default_rng().integers(_HIGHEST_SEED))
    return int(check_random_state(random_state).randint(_HIGHEST_SEED))
