"""One fit for an image or a movie, one for each channel where a file holds several detectors."""

import warnings

import numpy as np

from ._trust import with_error_bars


def fit_all(record, denoiser, target=None, mask="auto", error_bars=False):
    """Denoise an image that was read, its channels one by one.

    Parameters
    ----------
    record : ImageRecord
        The noisy image.
    denoiser : BaseDenoiser
        Fitted here.
    target : ndarray or None, default=None
        For methods that learn from pairs.
    mask : "auto", "none" or ndarray of bool, default="auto"
        As that of ``fit``.
    error_bars : bool, default=False
        Whether these are made.

    Returns
    -------
    denoised : ndarray of the shape of the image
        The result.
    std : ndarray of the shape of the image or None
        The error bars; NaN where there is no picture.
    invalid : ndarray of bool of the shape of the image
        What is no picture.
    denoiser : BaseDenoiser
        The denoiser as fitted, to the last of several channels.
    """
    data = record.data
    if data.ndim < 3 or record.axes[0].name.lower() not in ("c", "channel") or len(data) < 2:
        return _fit(data, denoiser, target, mask, error_bars)
    warnings.warn(
        f"The file holds {len(data)} channels. Each is fitted and denoised alone.",
        UserWarning,
        stacklevel=2,
    )
    outcomes = []
    for number, channel in enumerate(data):
        own = None if target is None else target[number]
        over = mask[number] if isinstance(mask, np.ndarray) and mask.ndim == 3 else mask
        outcomes.append(_fit(channel, denoiser, own, over, error_bars))
    *parts, denoisers = zip(*outcomes, strict=True)
    return (*(None if part[0] is None else np.stack(part) for part in parts), denoisers[-1])


def _fit(data, denoiser, target, mask, error_bars):
    given = {} if isinstance(mask, str) and mask == "auto" else {"mask": mask}
    if not error_bars:
        denoised = denoiser.fit_transform(data, target, **given)
        check_result(denoiser, data, denoised)
        return denoised, None, denoiser.invalid_, denoiser
    bars = with_error_bars(denoiser).fit(data, target, **given)
    denoised, std = bars.transform(data, return_std=True, **given)
    check_result(denoiser, data, denoised)
    return denoised, std, bars.invalid_, bars.denoiser_


def check_result(denoiser, noisy, denoised):
    """Raise RuntimeError where a method, such as one of a user, gave no numbers."""
    n_bad = np.count_nonzero(np.isfinite(noisy) & ~np.isfinite(denoised))
    if n_bad:
        raise RuntimeError(
            f"{type(denoiser).__name__} returned NaN or infinity for {n_bad} of {noisy.size} "
            "pixels; nothing written."
        )
