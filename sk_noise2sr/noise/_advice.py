"""What the figures of a diagnosis mean, in sentences."""

import numpy as np

_CORRELATED, _CERTAIN = 0.04, 4.5  # least correlation, and in standard errors
_LITTLE_NOISE = 0.05  # of the standard deviation of the signal
FINER = 1.1  # times; less room than that is of no use
_LINES = 0.3  # share of the noise that lines have in common
_FAR = 1.5  # pixels that rows are shifted
_ALIKE = 0.3  # of a step
_COARSE = 0.5  # steps between grey levels, in standard deviations of the noise


def _correlated_axes(figures):
    """Return the correlations that are real, by axis; shifted rows differ at all frequencies."""
    return {
        axis: value
        for axis, (value, error) in figures["correlation"].items()
        if abs(value) > max(_CORRELATED, _CERTAIN * error)
        and not (axis == "rows" and figures["shifted_rows"])
    }


def warn_of_no_method(figures):
    """Say where a blur may be as good as any method here.

    Parameters
    ----------
    figures : dict
        What was measured, by the names of ``Diagnosis``.

    Yields
    ------
    str
        A sentence for each reason.
    """
    if figures["row_shift"] > _FAR and not figures["rows_worth_moving"]:
        yield (
            f"No method here holds: rows are shifted by {figures['row_shift']:.2g} pixels, and "
            "noise hides by how much each. Scan again, faster or with a higher dose, and average "
            "several scans."
        )


def warn(figures, uneven):
    """Return warnings of broken assumptions.

    Parameters
    ----------
    figures : dict
        What was measured, by the names of ``Diagnosis``.
    uneven : list of str
        Which of rows and columns have offsets.

    Yields
    ------
    str
        A sentence for each.
    """
    yield from _warn_of_correlation(figures)
    if figures["line_noise"] > _LINES and not (figures["shifted_rows"] or "rows" in uneven):
        yield (
            f"Whole rows have {figures['line_noise']:.0%} of the noise at low frequencies in "
            "common: the scan displaces them by parts of a pixel, or the beam flickers. No "
            "sub-sampling hides that; Noise2SR bins as far as the detail allows, and leaves out "
            "refine."
        )
    yield from _warn_of_intensities(figures)
    for axis in uneven:
        turned = "" if axis == "rows" else " on the turned image, or correct the gain of the camera"
        yield (
            f"Whole {axis} are too bright or too dark, by {figures['offsets'][axis]:.2g} times the "
            "noise of a pixel. Denoisers here level them; before others, put "
            f"ScanLineCorrector(){turned}."
        )
    if figures["n_bad_pixels"]:
        yield (
            f"Pixels that are hot or dead, or spikes: {figures['n_bad_pixels']}. Put "
            "HotPixelFilter() before the denoiser."
        )
    for name, end in (("saturated", "largest"), ("clipped", "smallest")):
        if figures[name]:
            yield (
                f"{figures[name]:.2%} of the pixels are at the {end} value: the detector or the "
                "file ends there, the noise there is not of mean zero, and the result is biased. "
                "Export without clipping, or do not measure intensities there."
            )
    if figures["noise"] is None:
        yield (
            "No noise can be measured: the image may be smoothed, compressed or flat, or have too "
            "few counts."
        )
    elif figures["signal_to_noise"] * _LITTLE_NOISE > 1:
        yield "There is little noise beside the signal: denoising may cost more than it gives."


def _warn_of_intensities(figures):
    if _COARSE < figures["grey_step"] < np.inf and not _counts(figures):
        yield (
            f"Grey levels lie {figures['grey_step']:.2g} standard deviations of the noise apart: "
            "the file was rounded, as by an export to 8 bit. Export with more bits."
        )
    if _falls(figures["noise"]) and not figures["saturated"]:
        yield (
            "The noise is weaker where the image is brighter: its contrast was inverted, or bright "
            "intensities were compressed, as by a gamma or a logarithm. Denoisers here allow for "
            "that; measure intensities in the image that the detector gave."
        )


def _counts(figures):
    """Whether steps of the intensity are those of single counts, which nature makes.

    A line that falls may have other causes: there, steps have to be as large as it says.
    """
    noise = figures["noise"]
    if not _falls(noise):
        return noise is not None and noise.a > 2 * noise.a_std
    step = figures["grey_step"] * np.sqrt(noise.variance)
    return abs(step + noise.a) < _ALIKE * step


def _falls(noise):
    return noise is not None and noise.a < -2 * noise.a_std


def _warn_of_correlation(figures):
    if figures["shifted_rows"]:
        remedy = (
            "Put ScanLineAligner() before the denoiser (--align-lines), or average several scans."
            if figures["rows_worth_moving"]
            else "Noise hides how far each row is shifted, so that to move them back gains little: "
            "average several scans."
        )
        yield (
            f"Rows are shifted sideways against one another by {figures['row_shift']:.2g} pixels: "
            f"the scan is not straight, and denoisers keep that, or smear it. {remedy}"
        )
    along = _correlated_axes(figures)
    if not along:
        return
    said = " and ".join(f"along {axis} are correlated by {along[axis]:.2f}" for axis in along)
    cause = (
        "Afterglow of the detector, or smoothing along one direction, does that."
        if len(along) == 1
        else "The spread of a scintillator, interpolation or smoothing does that, unless the image "
        "has detail as fine as its pixels, which looks the same."
    )
    yield (
        f"The noise is not independent from pixel to pixel: neighbours {said}. {cause} Most "
        "methods that learn from the noisy image then learn to keep noise, its strength is "
        "underestimated, and held-out pixels judge too well. Use the raw image if there is one."
    )


def advise(figures):
    """Say which methods suit, and why.

    Parameters
    ----------
    figures : dict
        What was measured, by the names of ``Diagnosis``.

    Yields
    ------
    str
        A sentence for each piece of advice.
    """
    if figures["noise"] is None:
        yield "Give the image as it came from the detector; nothing is advised for this one."
        return
    if _correlated_axes(figures):
        yield (
            "Noise2SR() makes such noise white before it learns, as far as binning leaves "
            "neighbours correlated, and VSTBM3D() weighs by its colour. Compare them on a second "
            "exposure: no score of one image can tell which kept more noise. If the noise is known "
            "to be independent, as of counted electrons, noise=(a, b) keeps texture in both."
        )
        return
    told = "the noise is, as far as can be told, independent from pixel to pixel"
    if _correlated_axes({**figures, "shifted_rows": False}):
        told = "whether noise is correlated along rows cannot be told beside rows that are shifted"
    yield f"Noise2SR(stride=2) suits: {told}. VSTBM3D takes seconds, for a first look."
    if figures["binning"] > FINER:
        yield (
            f"The image is sampled {figures['binning']:g} times finer than needed: binning="
            '"auto" makes use of that, and a larger stride would leave it less room.'
        )
    else:
        yield (
            "The image has detail as fine as its pixels, or that cannot be told: keep stride=2, "
            "as a larger one leaves gaps that detail falls into."
        )
    if figures["counts"] is not None and figures["counts"] < 1:
        yield (
            f"There are only {figures['counts']:.2g} counts a pixel: look at the residual before "
            "you trust faint detail."
        )
