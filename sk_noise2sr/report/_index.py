"""A page about many files: what became of each, at a glance."""

import base64
import io
import os
from html import escape
from typing import Any
from urllib.parse import quote

import numpy as np
from numpy.typing import ArrayLike
from PIL import Image

from .._types import FilePath
from .._words import counted
from ._packed import pooled
from ._page import fill, write_page
from ._parts import grey_range

_SIDE = 192  # pixels of a thumbnail


def save_index(
    path: FilePath, entries: list[dict[str, Any]], *, title: str = "Denoised images"
) -> None:
    """Write one page of HTML about many results, with links to their reports.

    Parameters
    ----------
    path : str or path-like
        The file to write, ``.html``; it is replaced if it exists.
    entries : list of dict
        One for each file: ``name`` and ``status``, and where there are any ``report``, a path
        relative to the page; ``words``, a sentence; ``warnings``, a list of them; ``thumbnails``,
        a list of what :func:`thumbnail` returns.
    title : str, default="Denoised images"
        Heading of the page.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from sk_noise2sr.report import save_index
    >>> entries = [{"name": "a.tif", "status": "done"}, {"name": "b.tif", "status": "failed"}]
    >>> with TemporaryDirectory() as folder:
    ...     page = Path(folder, "index.html")
    ...     save_index(page, entries)
    ...     "1 done, 1 failed" in page.read_text("utf8")
    True
    """
    states = [entry["status"] for entry in entries]
    counts = ", ".join(f"{states.count(state)} {state}" for state in dict.fromkeys(states))
    text = fill(
        "index.html",
        title=escape(title),
        summary=f"{counted(len(entries), 'file')}: {escape(counts)}.",
        entries="\n".join(map(_entry, entries)),
    )
    write_page(path, text)


def _entry(entry):
    """Return the card of a file."""
    images = "".join(f'<img src="{image}" alt="">' for image in entry.get("thumbnails", ()))
    name = f"<b>{escape(entry['name'])}</b>"
    if "report" in entry:
        link = quote(os.fsencode(str(entry["report"]).replace(os.sep, "/")))
        images, name = (f'<a href="{link}">{part}</a>' for part in (images, name))
    words = escape(": ".join(filter(None, [entry["status"], entry.get("words")])))
    warnings = [f'<p class="warning">{escape(words)}</p>' for words in entry.get("warnings", ())]
    state = ' class="failed"' if entry["status"] == "failed" else ""
    return f"<section{state}>{images}<p>{name}</p><p>{words}</p>{''.join(warnings)}</section>"


def thumbnail(image: ArrayLike) -> str:
    """Return an image in small, as a page embeds it.

    Parameters
    ----------
    image : array-like of shape (height, width)
        The image, drawn with a grey scale of its own.

    Returns
    -------
    str
        A ``data:`` address of a JPEG, of at most 192 pixels a side.

    Examples
    --------
    >>> import numpy as np
    >>> from sk_noise2sr.report import thumbnail
    >>> thumbnail(np.eye(64))[:23]
    'data:image/jpeg;base64,'
    """
    small = pooled(np.nan_to_num(np.asarray(image, float)), _SIDE)
    low, high = grey_range(small)
    grey = np.clip((small - low) / (high - low) * 255, 0, 255).astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(grey).save(file, "JPEG", quality=85)
    return f"data:image/jpeg;base64,{base64.b64encode(file.getvalue()).decode('ascii')}"
