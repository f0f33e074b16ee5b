"""Whether the strips and tiles of a TIFF are there, and as large as they should be."""

import math
import zlib

_HEADER = 8
_DEFLATE = (8, 32946)
# No compression makes noise much larger than it is.
_GROWTH, _MARGIN = 1.25, 2**16
_PIECE = 2**20


def check_segments(series, file):
    """Raise ValueError where pixels are missing, or would unpack to more than an image.

    Parameters
    ----------
    series : tifffile.TiffPageSeries
        An image or a stack.
    file : tifffile.FileHandle
        The open file.
    """
    for page in filter(None, series.pages):
        segments = list(zip(page.dataoffsets, page.databytecounts, strict=False))
        # Where one was never written, tifffile returns zeros, or the header as pixels.
        if not all(_HEADER <= offset <= file.size - count for offset, count in segments):
            raise ValueError("the file is incomplete; some of its pixels are not there.")
        if page.compression != 1:
            _check_packed(page, segments, file)


def _check_packed(page, segments, file):
    expected = math.prod(page.chunks) * page.dtype.itemsize if page.dtype is not None else 0
    for offset, count in segments:
        largest = int(_GROWTH * expected) + _MARGIN
        if count > largest:
            raise ValueError("the file is damaged: a packed strip is larger than its pixels.")
        if page.compression in _DEFLATE and count > _PIECE // 1024:
            file.seek(offset)
            if _unpacked_size(file.read(count), largest) > largest:
                raise ValueError("the file is damaged: a strip unpacks to more than its pixels.")


def _unpacked_size(packed, largest):
    """Return how many bytes unpack, or a number above the largest allowed."""
    stream, size = zlib.decompressobj(), 0
    try:
        while packed and size <= largest:
            size += len(stream.decompress(packed, _PIECE))
            packed = stream.unconsumed_tail
    except zlib.error:
        return size  # what is damaged in another way is said when pixels are read
    return size
