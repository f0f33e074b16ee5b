"""One page about a result: pictures to look at, and what is not to be trusted, in words."""

import contextlib
import json
from html import escape
from pathlib import Path
from string import Template
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from .._types import FilePath
from .._words import storable
from ..io import Calibration, replacing
from ..noise import Diagnosis, diagnose
from ..persistence import provenance_of
from ..trust import Evidence, evidence_map
from ._history import mean_curve
from ._packed import log_spectrum, middle, middle_above, pack, pooled
from ._parts import check_shapes, grey_range, liveliest_part, scale_bar, spread_of
from ._sections import sections_of, trust_of

_PAGE = Path(__file__).parent / "page"
_SHELL = ("page.html", "report.css")  # of all pages
_SIDE = 1024  # pixels: of a larger image, a part is shown
_MOST_PLACES = 20
_MOST_STEPS = 300  # points of the loss curve
_RESIDUAL = "noisy minus denoised: it should show no structure"
_EVIDENCE = "the residual, summed over detail, in standard errors; rings: more than noise explains"


def save_report(
    path: FilePath,
    noisy: ArrayLike,
    denoised: ArrayLike,
    denoiser: Any = None,
    *,
    title: str | None = None,
    calibration: Calibration | None = None,
    diagnosis: Diagnosis | None = None,
    evidence: Evidence | None = None,
    std: ArrayLike | None = None,
    provenance: dict[str, Any] | None = None,
    command: str | None = None,
) -> None:
    """Write one page of HTML about a result, which any browser shows without a network.

    A slider between the noisy and the denoised image, what was taken away, Fourier transforms, a
    line profile that the reader draws; what :func:`~sk_noise2sr.noise.diagnose` finds and where the
    result departs from the image, in words; the loss curve, all parameters, and the command.

    Parameters
    ----------
    path : str or path-like
        The file to write, ``.html``; it is replaced if it exists.
    noisy, denoised : array-like of shape (height, width)
        The images, in the same units. Of more than 1024 pixels a side, the part with the most
        structure is shown, and the whole in small.
    denoiser : estimator, default=None
        What made the result: its parameters, and its loss curve if it has one.
    title : str, default=None
        Heading of the page; None is the name of the file without its suffix.
    calibration : Calibration, default=None
        Pixel size, for the scale bar and the profile.
    diagnosis : Diagnosis, default=None
        That of `noisy`; None makes it, in two seconds for a megapixel.
    evidence : Evidence, default=None
        That of both images; None makes it, in a second for a megapixel.
    std : array-like of shape (height, width), default=None
        Standard error of each pixel, such as that of :class:`~sk_noise2sr.trust.ErrorBars`.
    provenance : dict, default=None
        Where the result comes from; None is what
        :func:`~sk_noise2sr.persistence.provenance_of` says of `denoiser`.
    command : str, default=None
        The command that makes the result again.

    Raises
    ------
    ValueError
        If the images are not two-dimensional, or not of one shape.

    See Also
    --------
    save_comparison : A picture alone.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from sk_noise2sr import AdaptiveWiener
    >>> from sk_noise2sr.datasets import make_hrem
    >>> from sk_noise2sr.report import save_report
    >>> _, noisy = make_hrem((64, 64), random_state=0)
    >>> denoiser = AdaptiveWiener().fit(noisy)
    >>> with TemporaryDirectory() as folder:
    ...     page = Path(folder, "report.html")
    ...     save_report(page, noisy, denoiser.transform(noisy), denoiser)
    ...     page.read_text("utf8")[:15]
    '<!DOCTYPE html>'
    """
    noisy, denoised, std = check_shapes(noisy, denoised, std)
    if diagnosis is None:
        diagnosis = _quietly(diagnose, np.where(np.isfinite(noisy), noisy, denoised))
    if evidence is None:
        evidence = _quietly(evidence_map, noisy, denoised, diagnosis and diagnosis.noise)
    if provenance is None:
        provenance = {} if denoiser is None else provenance_of(denoiser)
    data = _data(noisy, denoised, std, evidence, calibration)
    history = getattr(denoiser, "history_", None)
    if history:
        data["loss"] = mean_curve(history, _MOST_STEPS).T.tolist()
    title = Path(path).stem if title is None else title
    text = fill(
        "report.html",
        title=escape(title),
        scripts="script-src 'unsafe-inline';",
        script=(_PAGE / "report.js").read_text("utf8"),
        summary=_summary(noisy.shape, data, calibration, provenance),
        frequencies=_frequencies(data, calibration),
        trust=trust_of(evidence),
        sections=sections_of(diagnosis, history, provenance, command),
        data=json.dumps(data, separators=(",", ":")).replace("<", "\\u003c"),
    )
    write_page(path, text)


def fill(name, *, title, summary, scripts="", **values):
    """Return a page of a template, with title, summary and other values: no unescaped text."""
    body, page, style = ((_PAGE / file).read_text("utf8") for file in (name, *_SHELL))
    return Template(page).substitute(
        title=title,
        summary=summary,
        scripts=scripts,
        style=style,
        body=Template(body).substitute(values),
    )


def write_page(path, text):
    """Write a page as a whole or not at all."""
    with replacing(Path(path)) as temporary:
        temporary.write_text(storable(text), encoding="utf8")


def _quietly(function, *images):
    """Return what a function finds, or None for an image of which nothing can be told."""
    with contextlib.suppress(ValueError):
        return function(*images)
    return None


def _data(noisy, denoised, std, evidence, calibration):
    """Return all that the script of the page draws."""
    height, width = noisy.shape
    part = (slice(0, height), slice(0, width))
    if max(noisy.shape) > _SIDE:
        part = liveliest_part(denoised, _SIDE)
    shown = denoised[part]
    residual = noisy[part] - shown
    spread = spread_of(residual)
    data = {
        "shape": list(shown.shape),
        "origin": [side.start for side in part],
        "ranges": {"noisy": grey_range(noisy[part]), "denoised": grey_range(shown)},
        "images": {
            "denoised": pack(shown, spread_of(shown) / 1000),
            "residual": pack(residual, spread / 16),
        },
        "panels": [_signed_panel("residual", "Residual", _RESIDUAL, spread)],
        **_scale(calibration, shown.shape[1]),
    }
    if evidence is not None:
        _add_evidence(data, evidence, part)
    if std is not None:
        largest = float(np.max(std, where=np.isfinite(std), initial=0))
        data["images"]["error"] = pack(std[part], largest / 1000)
        caption = f"of each pixel, 0 to {largest:.3g}"
        data["panels"].append(_panel("error", "Standard error", caption, 0, largest))
    if shown.shape != noisy.shape:
        _add_whole(data, denoised)
    _add_spectra(data, noisy[part], shown, residual)
    return data


def _panel(name, title, caption, low, high, group="panels"):
    """Return what the script has to know to draw an image; the colours end at low and high."""
    about = {"name": name, "title": title, "caption": caption, "group": group}
    return about | {"range": [low, high]}


def _signed_panel(name, title, caption, spread):
    caption = f"{caption}. Blue to red: {-3 * spread:.3g} to {3 * spread:.3g}"
    return _panel(name, title, caption, -3 * spread, 3 * spread) | {"signed": True}


def _add_evidence(data, evidence, part):
    rows, columns = part
    data["images"]["evidence"] = pack(evidence.z[part], 0.05)
    places = [
        [int(place["row"]) - rows.start, int(place["column"]) - columns.start]
        for place in evidence.places[:_MOST_PLACES]
    ]
    inside = [
        [row, column]
        for row, column in places
        if 0 <= row < rows.stop - rows.start and 0 <= column < columns.stop - columns.start
    ]
    panel = _signed_panel("evidence", "Evidence", _EVIDENCE, evidence.threshold / 3)
    data["panels"].append(panel | {"places": inside})


def _add_whole(data, denoised):
    whole = pooled(np.nan_to_num(denoised), _SIDE // 2)
    low, high = grey_range(whole)
    data["images"]["whole"] = pack(whole, (high - low) / 255)
    data["panels"].append(_panel("whole", "The whole image, denoised", "in small", low, high))


def _add_spectra(data, *images):
    """Add the middle of the spectra, as far as the result has more than noise has."""
    spectra = list(map(log_spectrum, images))
    low, high = float(np.percentile(spectra[0], 5)), float(spectra[0].max())
    data["share"] = share = middle_above(spectra[1], low)
    spectra = [pooled(middle(spectrum, share), _SIDE // 2) for spectrum in spectra]
    for name, spectrum in zip(("noisy", "denoised", "residual"), spectra, strict=True):
        shown = pack(np.clip(spectrum, low, high), (high - low) / 255)
        data["images"][f"spectrum_{name}"] = shown
        data["panels"].append(_panel(f"spectrum_{name}", name, "", low, high, group="spectra"))


def _scale(calibration, width):
    bar = scale_bar(calibration, width)
    if bar is None:
        return {"pixel": 1, "unit": "pixels"}
    pixels, label = bar
    share = [pixels / width, label]
    return {"bar": share, "pixel": calibration.pixel_size[1], "unit": calibration.unit}


def _summary(shape, data, calibration, provenance):
    words = f"{' x '.join(map(str, shape))} pixels"
    if "bar" in data:
        words += f" of {calibration.pixel_size[1]:.4g} {calibration.unit}"
    if "denoiser" in provenance:
        words += f", denoised by {provenance['denoiser']}"
    if data["shape"] != list(shape):
        ends = (f"{o}:{o + n}" for o, n in zip(data["origin"], data["shape"], strict=True))
        words += "; shown are rows {} and columns {}".format(*ends)
    return escape(f"{words}.")


def _frequencies(data, calibration):
    words = "Logarithm of the power, frequency 0 in the middle; one scale for all three."
    if data["share"] < 1:
        words += f" Shown are frequencies up to {data['share']:.2g} of the highest."
    if calibration is None or calibration.pixel_size is None or "/" in calibration.unit:
        return words
    highest = data["share"] / (2 * calibration.pixel_size[1])
    return f"{words} The edge on the right is at {highest:.3g} 1/{escape(calibration.unit)}."
