"""The table of `compare`, and its figures in words."""

import math

_WITH_REFERENCE = [
    ("PSNR", "psnr", "{:.2f} dB"),
    ("SSIM", "ssim", "{:.3f}"),
]
_WITHOUT = [
    ("held-out", "held_out_score", "{:.2f} dB"),
    ("binning", "binning", "{:.3g}"),
]
_SIBLINGS = [("gain", "gain", "{:+.2f} dB")]
_ALWAYS = [
    ("residual/noise", "residual_over_noise", "{:.3f}"),
    ("correlation", "residual_correlation", "{:.4f}"),
    ("time", "seconds", "{:.1f} s"),
]
_NAME = 20  # letters, at least


def width_for(names):
    """Return the width of the first column."""
    return max(_NAME, 2 + max(map(len, names)))


def header(facts, width):
    """Return the head of the table, and the row of the noisy image if there is a reference."""
    lines = [_line("method", [name for name, _, _ in _columns(facts)], facts, width)]
    if "noisy" in facts:
        lines.append(row({"method": "(noisy)", **facts["noisy"]}, facts, width))
    if "siblings" in facts:
        lines.append(row({"method": "(best Gaussian)", **facts["gaussian"]}, facts, width))
    return "\n".join(lines)


def row(outcome, facts, width):
    """Return the row of a method."""
    if "error" in outcome:
        return f"{outcome['method']:<{width}}failed: {outcome['error']}"
    figures = [_figure(outcome, key, form) for _, key, form in _columns(facts)]
    return _line(outcome["method"], figures, facts, width).rstrip()


def explain(facts):
    """Return the legend of the table."""
    lines = []
    if facts["noise_std"] is None:
        lines.append(f"residual/noise: unknown. {facts['noise_unknown']}")
    else:
        lines.append(
            f"residual/noise: strength of what was taken away over that of the noise "
            f"({facts['noise_std']:.4g}, estimated). 1 is right;\n"
            "  less: noise was kept; more: signal was lost."
        )
    lines.append(
        "correlation: of neighbouring pixels in what was taken away. 0 is right; up to "
        f"{facts['correlation_by_chance']:.2g} may be chance;\n  more: signal was lost, smooth "
        "noise was kept, or the noise is not independent from pixel to pixel."
    )
    if "noisy" not in facts:
        lines.append(
            "held-out: how well pixels are predicted that were no target. Compare it at one "
            "binning only."
        )
    if "siblings" in facts:
        lines.append(
            f"gain: over the noisy part, judged by {facts['siblings']} other noisy views of the "
            f"same crystal. They chose the Gaussian, of sigma {facts['gaussian']['sigma']:g}."
        )
    return "\n".join(lines)


def title_of(outcome):
    """Return the title of a result in the picture."""
    figures = []
    if "psnr" in outcome:
        figures += [f"{outcome['psnr']:.2f} dB", f"SSIM {outcome['ssim']:.3f}"]
    figures.append(f"{outcome['seconds']:.1f} s")
    return f"{outcome['method']}\n{', '.join(figures)}"


def note_of(outcome):
    """Return the caption of a residual in the picture."""
    figures = []
    if "residual_over_noise" in outcome:
        figures.append(f"residual/noise {outcome['residual_over_noise']:.3f}")
    if math.isfinite(outcome["residual_correlation"]):
        figures.append(f"correlation {outcome['residual_correlation']:.4f}")
    return ", ".join(figures)


def chance_of(n_pixels):
    """Return the correlation that chance alone rarely exceeds: three standard errors."""
    return 3 / math.sqrt(n_pixels)


def _columns(facts):
    gains = _SIBLINGS if "siblings" in facts else []
    return [*gains, *(_WITH_REFERENCE if "noisy" in facts else _WITHOUT), *_ALWAYS]


def _figure(outcome, key, form):
    value = outcome.get(key)
    return "-" if value is None or math.isnan(value) else form.format(value)


def _line(name, cells, facts, width):
    widths = [max(len(title), 9) + 2 for title, _, _ in _columns(facts)]
    padded = [f"{cell:>{each}}" for cell, each in zip(cells, widths, strict=True)]
    return f"{name:<{width}}" + "".join(padded)
