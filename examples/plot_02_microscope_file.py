"""
A file of the microscope
========================

Pixel size and unit come with the image, and go on with the result. The same lines read ``.dm4``,
``.ser`` and ``.emd`` files.
"""

# %%
# To have a file, we write a simulated scan as MRC, with pixels of 0.02 nm.

from pathlib import Path
from tempfile import mkdtemp

import matplotlib.pyplot as plt

from sk_noise2sr import VSTBM3D, datasets
from sk_noise2sr.io import Calibration, read_image, write_image

folder = Path(mkdtemp())
clean, scan = datasets.make_stem("mfi", dose=8000, random_state=0)
write_image(folder / "scan.mrc", scan, Calibration((0.02, 0.02), "nm"))

# %%
# :func:`~sk_noise2sr.io.read_image` returns the pixels and their calibration.

noisy, calibration = read_image(folder / "scan.mrc")
print(noisy.shape, noisy.dtype, calibration)

# %%
# Denoise, and write a TIFF that ImageJ and DigitalMicrograph open with the right scale.

denoised = VSTBM3D().fit_transform(noisy)
write_image(folder / "scan_denoised.tif", denoised, calibration)
print(read_image(folder / "scan_denoised.tif")[1])

# %%
# The calibration gives the axes their unit.

height, width = (
    side * size for side, size in zip(noisy.shape, calibration.pixel_size, strict=True)
)
figure, panels = plt.subplots(1, 2, figsize=(9.5, 4.6), sharey=True, layout="compressed")
for axis, image, title in zip(panels, (noisy, denoised), ("noisy", "denoised"), strict=True):
    brightest = image.mean() + 4 * image.std()
    axis.imshow(image, cmap="gray", vmax=brightest, extent=(0, width, height, 0))
    axis.set(title=title, xlabel=calibration.unit)
panels[0].set_ylabel(calibration.unit)
