"""What a result was made from, and what was asked for beside the parameters of its denoiser."""

from ._inputs import crop_text


def origin(denoiser, source, crop=None, align_lines=False, mask=None, fit_frames=None):
    """Return the provenance of a result, with all that was asked for beside parameters.

    Parameters
    ----------
    denoiser : BaseDenoiser
        What made it.
    source : pathlib.Path
        The file it was made from.
    crop : tuple of two slice or None, default=None
        Which rows and columns of it.
    align_lines : bool, default=False
        Whether the rows of a scan were moved back first.
    mask : pathlib.Path or None, default=None
        The file of the mask, or "none".
    fit_frames : int or None, default=None
        How many frames of a movie it was fitted on.

    Returns
    -------
    dict
        For :func:`~sk_noise2sr.io.write_image`.
    """
    from ..persistence import provenance_of

    about = provenance_of(denoiser, source)
    if mask is not None:
        mask = "none" if str(mask) == "none" else provenance_of(denoiser, mask)["input"]
    asked = {
        "align_lines": align_lines or None,
        "crop": crop and crop_text(crop),
        "mask": mask,
        "fit_frames": fit_frames,
    }
    return about | {name: value for name, value in asked.items() if value is not None}
