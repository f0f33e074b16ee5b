"""
HyperSpy
========

A signal goes in, a signal comes out: with its axes, its units, and its metadata.
"""

# %%
# A series of three frames as a HyperSpy signal, calibrated in nanometres.

import hyperspy.api as hs
import matplotlib.pyplot as plt
import numpy as np

from sk_noise2sr import VSTBM3D, datasets
from sk_noise2sr.lazy import denoise_signal

hs.preferences.General.show_progressbar = False
scans = [datasets.make_stem("te", (160, 160), dose=8000, random_state=seed)[1] for seed in range(3)]
signal = hs.signals.Signal2D(np.stack(scans))
signal.metadata.General.title = "tellurium"
for axis in signal.axes_manager.signal_axes:
    axis.scale, axis.units = 0.02, "nm"

# %%
# Fit on the first frame, denoise all. Lazy signals stay lazy.

denoiser = VSTBM3D().fit(signal.data[0])
denoised = denoise_signal(signal, denoiser)
print(denoised)
print(denoised.axes_manager)

# %%
# The metadata say how the result was made.

print(denoised.metadata.sk_noise2sr)

# %%
# HyperSpy draws both with its own scale bar.

both = [signal.inav[0], denoised.inav[0]]
style = {"axes_decor": "off", "scalebar": "all", "colorbar": None, "per_row": 2}
figure = plt.figure(figsize=(9.5, 4.9))
axes = hs.plot.plot_images(both, label=["noisy", "denoised"], fig=figure, **style)
