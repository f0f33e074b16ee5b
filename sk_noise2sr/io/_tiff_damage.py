"""What tifffile only remarks about a damaged file, or trips over."""

import logging
import re
import warnings
from contextlib import contextmanager

import tifffile

_LOST_TAG = re.compile(r"TiffTag (\d+) @\d+> invalid")
_LAYOUT_TAGS = range(254, 340)  # TIFF's own, most of which say what the pixels are
_DAMAGE = re.compile("corrupted|invalid (page )?offset|circular|expected .* segments")


@contextmanager
def strictly():
    """Raise ValueError where tifffile trips over a file, or only logs that pixels are missing."""
    damages, lost = [], set()

    def overhear(record):
        damages.extend(_DAMAGE.findall(record.getMessage()))
        lost.update(map(int, _LOST_TAG.findall(record.getMessage())))
        return False

    logger = logging.getLogger("tifffile")
    logger.addFilter(overhear)
    try:
        yield
    except (ValueError, OSError, MemoryError, tifffile.TiffFileError):
        raise
    except Exception as error:
        raise ValueError("the file is damaged.") from error
    finally:
        logger.removeFilter(overhear)
    if damages or lost.intersection(_LAYOUT_TAGS):
        raise ValueError("the file is damaged or ends too early.")
    if lost:
        warnings.warn(
            f"A TIFF is damaged: tag {min(lost)} of its header cannot be read, and other parts may "
            "be wrong.",
            UserWarning,
            stacklevel=5,
        )
