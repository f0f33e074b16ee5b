"""Signals keep their axes and their metadata; lazy ones stay lazy."""

from types import SimpleNamespace

import numpy as np
import pytest

from sk_noise2sr import VSTBM3D, AdaptiveWiener
from sk_noise2sr.io import read_images, read_noise
from sk_noise2sr.lazy import denoise_signal

VARIANCE_LINE = "Variance_linear_model"


@pytest.fixture
def signal(rng):
    hyperspy = pytest.importorskip("hyperspy.api")
    signal = hyperspy.signals.Signal2D(rng.poisson(8, (2, 3, 32, 40)).astype(np.float32))
    signal.metadata.General.title = "scan"
    signal.metadata.set_item("Signal.Noise_properties.variance", 8.0)
    signal.metadata.set_item("Acquisition_instrument.TEM.beam_energy", 200.0)
    for axis, scale, unit in zip(
        signal.axes_manager._axes, (1.5, 1.5, 0.02, 0.02), ("nm", "nm", "1/nm", "1/nm"), strict=True
    ):
        axis.scale, axis.units = scale, unit
    return signal


@pytest.mark.parametrize("lazy", [False, True])
def test_axes_and_metadata_stay(lazy, signal):
    denoiser = AdaptiveWiener().fit(signal.data[0])
    noisy = signal.data.copy()
    expected = denoiser.transform(noisy.reshape(6, 32, 40)).reshape(noisy.shape)
    denoised = denoise_signal(signal.as_lazy() if lazy else signal, denoiser)
    assert denoised._lazy is lazy
    if lazy:
        denoised.compute(progressbar=False)
    np.testing.assert_array_equal(denoised.data, expected, strict=True)
    np.testing.assert_array_equal(signal.data, noisy)
    assert str(denoised.axes_manager) == str(signal.axes_manager)
    assert denoised.metadata.Acquisition_instrument.TEM.beam_energy == 200.0
    assert denoised.metadata.General.title == "scan"
    assert not denoised.metadata.has_item("Signal.Noise_properties")
    assert signal.metadata.has_item("Signal.Noise_properties")
    assert denoised.metadata.sk_noise2sr.denoiser == "AdaptiveWiener"


def test_a_denoised_signal_is_saved_and_loaded(signal, tmp_path):
    hyperspy = pytest.importorskip("hyperspy.api")
    denoised = denoise_signal(signal, AdaptiveWiener().fit(signal.data[0]))
    denoised.save(tmp_path / "clean.hspy")
    loaded = hyperspy.load(tmp_path / "clean.hspy")
    np.testing.assert_array_equal(loaded.data, denoised.data)
    assert loaded.metadata.sk_noise2sr.parameters.window == 15


def test_the_noise_of_a_signal_is_that_of_hyperspy_and_the_fitted_one_is_told(tmp_path, rng):
    hyperspy = pytest.importorskip("hyperspy.api")
    clean = np.add.outer(np.arange(48) % 16, np.arange(40) % 8) + 10.0
    signal = hyperspy.signals.Signal2D(0.5 * rng.poisson(2 * clean, (2, *clean.shape)))
    line = {"gain_factor": 0.25, "gain_offset": 2.0, "correlation_factor": 2.0}
    signal.metadata.add_dictionary({"Signal": {"Noise_properties": {VARIANCE_LINE: line}}})
    a, b = read_noise(signal)
    signal.estimate_poissonian_noise_variance()
    np.testing.assert_allclose(signal.get_noise_variance().data, a * signal.data + b**2)
    signal.save(tmp_path / "noisy.hspy")
    assert read_noise(read_images(tmp_path / "noisy.hspy")[0]) == (a, b)

    denoised = denoise_signal(signal, VSTBM3D(noise=(a, b)).fit(signal.data))
    assert not denoised.metadata.has_item("Signal.Noise_properties")  # that of the source
    told = denoised.metadata.sk_noise2sr.noise.as_dictionary()
    back = signal.deepcopy()
    for name in line:
        back.metadata.set_item(f"Signal.Noise_properties.{VARIANCE_LINE}.{name}", told[name])
    assert read_noise(back) == pytest.approx((a, b))


def test_anything_with_data_and_axes_will_do(rng):
    image = rng.poisson(8, (32, 40)).astype(np.float32)
    signal = SimpleNamespace(data=image, axes_manager=SimpleNamespace(signal_dimension=2), note="a")
    denoiser = AdaptiveWiener().fit(image)
    denoised = denoise_signal(signal, denoiser)
    np.testing.assert_array_equal(denoised.data, denoiser.transform(image))
    assert denoised.note == "a"
    assert signal.data is image


def test_spectra_and_arrays_are_refused(rng):
    image = rng.poisson(8, (32, 40)).astype(np.float32)
    denoiser = AdaptiveWiener().fit(image)
    spectra = SimpleNamespace(data=image, axes_manager=SimpleNamespace(signal_dimension=1))
    with pytest.raises(ValueError, match="Expected a signal of images, got a signal dimension of"):
        denoise_signal(spectra, denoiser)
    with pytest.raises(TypeError, match="Expected a signal with data and axes_manager"):
        denoise_signal(image, denoiser)
