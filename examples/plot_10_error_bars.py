"""
Error bars
==========

How far may a pixel of the result be off? :class:`~sk_noise2sr.trust.ErrorBars` adds noise to the
result, fits again, and sees how far the results scatter.
"""

# %%
# It takes any denoiser. Each refit costs a fit, so this example takes the quickest good one.

import matplotlib.pyplot as plt

from sk_noise2sr import VSTBM3D, datasets
from sk_noise2sr.trust import ErrorBars

clean, noisy = datasets.make_hrem((128, 128), random_state=2)
denoiser = ErrorBars(VSTBM3D(), n_refits=8, random_state=0, verbose=0).fit(noisy)
denoised, std = denoiser.transform(noisy, return_std=True)

# %%
# Along one row, with the clean image that a user does not have. The top of the peak is flattened
# in every refit, so the bars do not reach the truth there: for what every fit loses, see the
# evidence map.

row = 64
figure, (left, right) = plt.subplots(1, 2, figsize=(12, 4), width_ratios=(1, 2), layout="tight")
left.imshow(denoised, cmap="gray")
left.axhline(row, color="orange")
left.set_axis_off()
left.set_title("denoised")
right.plot(noisy[row], color="0.8", lw=1, label="noisy")
right.plot(clean[row], color="black", lw=1.5, label="clean")
right.plot(denoised[row], color="C1", label="denoised")
low, high = (denoised[row] + sign * 2 * std[row] for sign in (-1, 1))
right.fill_between(range(128), low, high, color="C1", alpha=0.3, label="± 2 standard errors")
right.set(xlabel="column, pixels", ylabel="intensity", xlim=(0, 127), title=f"row {row}")
right.legend(ncols=2)
