"""The panel, in napari itself; and the work that it hands to a thread."""

import importlib.util
import os
import sys

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from sk_noise2sr._napari import _work
from sk_noise2sr._progress import listening, progress_bar
from sk_noise2sr.trust import Evidence

NM = {"scale": (0.02, 0.02), "units": ("nm", "nm"), "translate": (1.0, 2.0)}
needs_screen = pytest.mark.skipif(
    not importlib.util.find_spec("napari")
    or (sys.platform == "linux" and not os.environ.get("DISPLAY")),
    reason="needs napari and a screen, as make test-napari has them",
)


@pytest.fixture
def panel(make_napari_viewer, noisy):
    """Open napari with an image of 300 x 300 pixels, and the panel."""
    panels = pytest.importorskip("sk_noise2sr._napari._panel")
    viewer = make_napari_viewer()
    viewer.add_image(np.tile(noisy, (5, 5))[:300, :300], name="frame", **NM)
    panel = panels.DenoisePanel(viewer)
    viewer.window.add_dock_widget(panel)
    return panel


def wait(panel, qtbot):
    """Wait until the work has ended."""
    qtbot.waitUntil(lambda: panel.denoise.enabled, timeout=120_000)


def press(panel, qtbot, button, method):
    panel.method.value = method
    button.clicked.emit(True)
    assert not panel.denoise.enabled
    wait(panel, qtbot)


@needs_screen
def test_the_manifest_is_valid_and_names_what_is_there():
    npe2 = pytest.importorskip("npe2")
    manifest = npe2.PluginManifest.from_distribution("sk_noise2sr")
    manifest.validate_imports()
    assert manifest.contributions.widgets[0].display_name == "Denoise"


@needs_screen
def test_a_layer_is_denoised_with_evidence_at_its_place(panel, qtbot):
    press(panel, qtbot, panel.denoise, "VSTBM3D")
    frame, denoised, evidence = panel._viewer.layers
    assert denoised.name == "frame denoised"
    assert evidence.name == "frame denoised, evidence"
    expected = _work.Job(_work.Task(frame.data, "VSTBM3D", "default", True), print)()
    np.testing.assert_array_equal(denoised.data, expected.denoised)
    np.testing.assert_array_equal(evidence.data, expected.evidence.z)
    for layer in (denoised, evidence):
        np.testing.assert_allclose(layer.scale, [0.02, 0.02])
        np.testing.assert_allclose(layer.translate, [1, 2])
        assert layer.units == frame.units
    assert denoised.metadata["denoiser"] == "VSTBM3D"
    assert "departs from the image" in panel.message.value


@needs_screen
def test_a_preview_is_the_middle_of_the_view(panel, qtbot):
    frame = panel._viewer.layers[0]
    panel.evidence.value = False
    panel._viewer.camera.center = (0, *frame.data_to_world((0, 300)))
    press(panel, qtbot, panel.preview, "AdaptiveWiener")
    preview = panel._viewer.layers["frame preview"]
    assert preview.data.shape == (256, 256)
    np.testing.assert_allclose(preview.translate, [1, 2 + 44 * 0.02])
    task = _work.Task(frame.data[:256, 44:], "AdaptiveWiener", "default", False)
    np.testing.assert_array_equal(preview.data, _work.Job(task, print)().denoised)
    assert len(panel._viewer.layers) == 2


@needs_screen
def test_progress_is_shown_and_work_can_be_cancelled(panel, qtbot):
    panel.method.value = "Noise2SR"
    panel.denoise.clicked.emit(True)
    qtbot.waitUntil(lambda: "Noise2SR.fit" in panel.message.value, timeout=60_000)
    assert not panel.preview.enabled
    panel.cancel.clicked.emit(True)
    wait(panel, qtbot)
    assert panel.message.value == "Cancelled; nothing was changed."
    assert len(panel._viewer.layers) == 1


@needs_screen
def test_of_a_stack_one_frame_or_all(panel, qtbot, noisy):
    viewer = panel._viewer
    units = {"scale": (2, 0.02, 0.02), "units": ("s", "nm", "nm")}
    movie = viewer.add_image(np.stack([noisy, noisy[::-1], noisy.T]), name="movie", **units)
    panel.layer.reset_choices()
    panel.layer.value = movie
    viewer.dims.set_current_step(0, 1)
    press(panel, qtbot, panel.denoise, "AdaptiveWiener")
    task = _work.Task(noisy[::-1], "AdaptiveWiener", "default", False)
    frame = viewer.layers["movie denoised"]
    np.testing.assert_array_equal(frame.data, _work.Job(task, print)().denoised)
    np.testing.assert_allclose(frame.scale, [0.02, 0.02])
    panel.stack.value = True
    press(panel, qtbot, panel.denoise, "AdaptiveWiener")
    whole = viewer.layers["movie denoised [1]"]
    assert whole.data.shape == (3, 64, 64)
    np.testing.assert_allclose(whole.scale, [2, 0.02, 0.02])
    assert whole.units == movie.units


@needs_screen
@pytest.mark.parametrize(
    ("data", "options", "message"),
    [
        (np.ones((8, 8, 3)), {"rgb": True}, "Colour images cannot be denoised"),
        (np.ones((2, 2, 8, 8)), {}, "Expected an image or a stack, got 4 axes"),
    ],
)
def test_what_is_no_image_gets_a_sentence(panel, data, options, message):
    panel.layer.reset_choices()
    panel.layer.value = panel._viewer.add_image(data, name="other", **options)
    panel.layer.reset_choices()
    panel.layer.value = panel._viewer.layers["other"]
    panel.denoise.clicked.emit(True)
    assert message in panel.message.value
    assert panel.denoise.enabled


@needs_screen
def test_what_goes_wrong_is_one_sentence(panel, qtbot):
    panel.layer.value.data = np.random.default_rng(0).random((1, 48))
    press(panel, qtbot, panel.denoise, "AdaptiveWiener")
    assert "Expected sides of at least 2 pixels" in panel.message.value
    assert len(panel._viewer.layers) == 1


def test_methods_and_presets_are_those_of_the_package():
    names = _work.methods()
    assert names[0] == "Noise2SR"
    assert "VSTBM3D" in names
    assert not {"Noise2Noise", "SupervisedDenoiser"} & set(names)
    assert _work.presets("Noise2SR")[:2] == ["default", "fast"]


def test_the_work_tells_where_it_is_and_ends_when_asked(noisy):
    told = []
    task = _work.Task(noisy, "Noise2SR", "fast", True)
    job = _work.Job(task, lambda *progress: (told.append(progress), job.cancel()))
    assert isinstance(job().error, _work.Cancelled)
    assert told == [("Noise2SR.fit", 1, 400)]


def test_the_work_is_the_same_each_time_and_compared_with_the_image(noisy):
    task = _work.Task(noisy, "VSTBM3D", "default", True)
    first, second = (_work.Job(task, print)() for _ in range(2))
    np.testing.assert_array_equal(first.denoised, second.denoised)
    assert isinstance(first.evidence, Evidence)
    smooth = _work.Task(gaussian_filter(noisy, 8) * 0, "AdaptiveWiener", "default", True)
    assert _work.Job(smooth, print)().evidence is None


def test_errors_are_returned(noisy):
    outcome = _work.Job(_work.Task(noisy * np.nan, "AdaptiveWiener", "default", True), print)()
    assert isinstance(outcome.error, ValueError)


def test_who_does_not_listen_hears_nothing():
    told = []
    with listening(lambda *progress: told.append(progress)):
        pass
    with progress_bar(1, "fit", "step", verbose=0) as bar:
        bar.update()
    assert told == []
