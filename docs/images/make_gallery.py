"""From a noisy image to the denoiser that suits it: gallery.png."""

from pathlib import Path

from sk_noise2sr import VSTBM3D, AdaptiveWiener, Noise2SR
from sk_noise2sr.datasets import make_stem
from sk_noise2sr.metrics import psnr
from sk_noise2sr.model_selection import DenoiserSelector
from sk_noise2sr.noise import diagnose
from sk_noise2sr.report import save_results

clean, noisy = make_stem("mor", shape=(256, 256), dose=20000, random_state=1)
print(diagnose(noisy))

network = Noise2SR(epochs=20, random_state=0, verbose=0)
candidates = [
    ("wiener", AdaptiveWiener(), {"window": [5, 9, 15]}),
    ("bm3d", VSTBM3D()),
    ("noise2sr", network, {"stride": [2, 3]}),
]
selector = DenoiserSelector(candidates, random_state=0, verbose=True).fit(noisy)
print("chosen:", selector.best_name_, selector.best_params_)

results = {
    "AdaptiveWiener": AdaptiveWiener().fit_transform(noisy),
    "VSTBM3D": VSTBM3D().fit_transform(noisy),
    f"chosen: {selector.best_name_}": selector.transform(noisy),
}
notes = {title: f"{psnr(clean, image):.2f} dB" for title, image in results.items()}
picture = Path(__file__).with_name("gallery.png")
save_results(picture, noisy, results, reference=clean, notes=notes)
