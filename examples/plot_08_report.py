"""
A report, and how the training went
===================================

:func:`~sk_noise2sr.report.save_report` writes one page of HTML about a result, to look at in any
browser.
"""

# %%
# The page has a slider over both images, the residual, the places not to trust, and all
# parameters.

from pathlib import Path
from tempfile import mkdtemp

import matplotlib.pyplot as plt

from sk_noise2sr import Noise2SR, datasets
from sk_noise2sr.report import plot_history, save_report

clean, noisy = datasets.make_hrem((128, 128), random_state=1)
denoiser = Noise2SR(epochs=4, random_state=0, verbose=0).fit(noisy)
denoised = denoiser.transform(noisy)
page = Path(mkdtemp(), "report.html")
save_report(page, noisy, denoised, denoiser)
print(f"{page.name}: {page.stat().st_size / 1e6:.1f} MB")

# %%
# :func:`~sk_noise2sr.report.plot_history` draws the loss alone. It falls to the variance of the
# noise, and no lower: the targets are noisy.

figure, (left, right) = plt.subplots(
    1, 2, figsize=(11, 4), width_ratios=(1, 2), layout="compressed"
)
left.imshow(denoised, cmap="gray")
left.set_title("denoised")
left.set_axis_off()
plot_history(denoiser, right)
