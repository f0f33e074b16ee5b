"""Names for types that many public signatures take."""

from os import PathLike

import numpy as np

FilePath = str | PathLike[str]
Seed = int | np.random.RandomState | np.random.Generator | None


class MaskWarning(UserWarning):
    """Says what is left out of images, or levelled."""
