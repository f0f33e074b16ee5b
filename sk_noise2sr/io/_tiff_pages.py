"""Whether the pages of a TIFF say of themselves what its first one says of them all."""

import re
import struct
import warnings

# Width, height, bits, compression, samples, predictor, kind of number; and what is meant if unsaid.
_LAYOUT = {256: None, 257: None, 258: 1, 259: 1, 277: 1, 317: 1, 339: 1}
_COUNT = re.compile(r"^images=(\d{1,9})$", re.MULTILINE)  # in the description of ImageJ
_WHOLE = {3: "H", 4: "I"}
_MOST_TAGS = 4096


def check_pages(series, tiff):
    """Raise ValueError where the pages of a series are not alike; warn where their number lies.

    Of files by ImageJ, tifffile looks at the first page alone.

    Parameters
    ----------
    series : tifffile.TiffPageSeries
        An image or a stack.
    tiff : tifffile.TiffFile
        The open file.
    """
    pages = series.pages
    if series.kind == "imagej":
        pages = tiff.pages
    if len(tiff.series) == 1:
        _check_number(series, tiff)
    layouts = {_layout(page.offset, tiff) for page in filter(None, pages)}
    if len(layouts) > 1:
        raise ValueError("the file is damaged: its pages disagree on the size or type of pixels.")


def _check_number(series, tiff):
    n_frames = series.size // series.keyframe.size
    said = map(int, _COUNT.findall(str(series.keyframe.description)))
    others = {n_frames, *said} | ({len(tiff.pages)} if len(tiff.pages) > 1 else set())
    if len(others) > 1:
        counts = " or ".join(map(str, sorted(others)))
        warnings.warn(
            f"Parts of a TIFF disagree whether it holds {counts} images; some of its pixels may be "
            "missing, or not be images.",
            UserWarning,
            stacklevel=6,
        )


def _layout(offset, tiff):
    """Return what a page says of its pixels."""
    form, file = tiff.tiff, tiff.filehandle
    file.seek(offset)
    (n_tags,) = struct.unpack(form.tagnoformat, file.read(form.tagnosize))
    entries = file.read(min(n_tags, _MOST_TAGS) * form.tagsize)
    said = dict(_LAYOUT)
    for start in range(0, len(entries) - form.tagsize + 1, form.tagsize):
        code, kind = struct.unpack_from(f"{form.byteorder}HH", entries, start)
        if code in said and kind in _WHOLE:
            place = start + form.tagsize - form.offsetsize
            (said[code],) = struct.unpack_from(form.byteorder + _WHOLE[kind], entries, place)
    return tuple(said.items())
