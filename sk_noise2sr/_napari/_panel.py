"""The panel of napari: choose a layer and a method, look at a part, denoise all."""

import time

import numpy as np
from magicgui.widgets import (
    CheckBox,
    ComboBox,
    Container,
    Label,
    ProgressBar,
    PushButton,
    create_widget,
)
from napari.layers import Image
from napari.qt.threading import create_worker
from napari.utils import Colormap
from napari.utils.notifications import show_info
from superqt.utils import ensure_main_thread

from ._work import Cancelled, Failed, Job, Task, methods, presets

_SIDE = 256  # pixels of a preview
_EVERY = 0.1  # seconds between two looks at the progress
_SIGNED = Colormap([[0.13, 0.4, 0.67], [0.97, 0.97, 0.97], [0.7, 0.09, 0.17]], name="evidence")


class DenoisePanel(Container):
    """Denoise an image layer from itself alone.

    Parameters
    ----------
    viewer : napari.Viewer
        Where layers are taken from, and results go.
    """

    def __init__(self, viewer):
        self._viewer, self._job, self._looked = viewer, None, 0.0
        self.layer = create_widget(annotation=Image, label="image")
        self.method = ComboBox(label="method", choices=methods())
        self.preset = ComboBox(label="preset", choices=presets(self.method.value))
        self.stack = CheckBox(text="all frames of a stack, learned from together", value=False)
        self.evidence = CheckBox(
            text="evidence: where the result departs from the image", value=True
        )
        self.preview = PushButton(text="Preview the middle of the view")
        self.denoise = PushButton(text="Denoise")
        self.cancel = PushButton(text="Cancel", enabled=False)
        self.progress = ProgressBar(value=0, max=100, visible=False)
        self.message = Label(value="")
        super().__init__(
            widgets=[
                self.layer, self.method, self.preset, self.stack, self.evidence, self.preview,
                self.denoise, self.cancel, self.progress, self.message,
            ]
        )  # fmt: skip
        self.method.changed.connect(self._offer_presets)
        self.preview.clicked.connect(lambda: self._start(preview=True))
        self.denoise.clicked.connect(lambda: self._start(preview=False))
        self.cancel.clicked.connect(self._cancel)

    def _offer_presets(self, method):
        self.preset.choices = presets(method)

    # From a layer to the work.

    def _start(self, preview):
        """Begin the work in a thread of its own."""
        layer = self.layer.value
        trouble = _trouble(layer)
        if trouble:
            self.message.value = trouble
            return
        image, corner = self._cut(layer, preview)
        preset = self.preset.value
        if preview and preset == "default" and "instant" in presets(self.method.value):
            preset = "instant"
        task = Task(image, self.method.value, preset, self.evidence.value)
        name = f"{layer.name} {'preview' if preview else 'denoised'}"
        self._job = Job(task, self._tell)
        self._set_busy(True)
        worker = create_worker(self._job, _start_thread=False)
        worker.returned.connect(lambda result: self._end(result, layer, name, corner))
        worker.start()

    def _cut(self, layer, preview):
        """Return the pixels to denoise, and the row and column of their corner."""
        whole = self.stack.value and not preview
        step = tuple(self._viewer.dims.current_step[-layer.ndim :][:-2])
        image = np.asarray(layer.data if whole else layer.data[step])
        if not preview:
            return image, (0, 0)
        centre = np.asarray(layer.world_to_data(self._viewer.camera.center[-layer.ndim :]))[-2:]
        room = np.maximum(np.array(image.shape[-2:]) - _SIDE, 0)
        row, column = np.clip(np.rint(centre - _SIDE / 2), 0, room).astype(int)
        return image[row : row + _SIDE, column : column + _SIDE], (int(row), int(column))

    def _cancel(self):
        self.cancel.enabled = False
        self.message.value = "Cancelling ..."
        self._job.cancel()

    def _tell(self, name, done, total):
        """Pass progress on to the window, now and then."""
        if time.monotonic() - self._looked > _EVERY:
            self._looked = time.monotonic()
            self._show_progress(name, done, total)

    @ensure_main_thread
    def _show_progress(self, name, done, total):
        self.progress.value = 100 * done // max(total, 1)
        self.message.value = f"{name}: {done} of {total}"

    # From the work to layers.

    def _set_busy(self, busy):
        self.denoise.enabled = self.preview.enabled = not busy
        self.cancel.enabled = busy
        self.progress.visible = busy
        self.progress.value = 0

    def _end(self, result, layer, name, corner):
        self._set_busy(False)
        if isinstance(result, Failed):
            self._fail(result.error)
        else:
            self._show(result, layer, name, corner)

    def _show(self, done, layer, name, corner):
        placed = _placed(layer, done.denoised.ndim, corner)
        options = {"colormap": layer.colormap, "metadata": done.provenance}
        self._viewer.add_image(done.denoised, name=name, **options, **placed)
        self.message.value = f"{name} is there."
        if done.evidence is not None:
            self._show_evidence(done.evidence, name, placed)

    def _show_evidence(self, evidence, name, placed):
        self._viewer.add_image(
            evidence.z,
            name=f"{name}, evidence",
            colormap=_SIGNED,
            contrast_limits=(-evidence.threshold, evidence.threshold),
            visible=False,
            metadata={"places": evidence.places},
            **placed,
        )
        self.message.value = evidence.summary()
        show_info(evidence.summary())

    def _fail(self, error):
        """Say what went wrong in one sentence, where napari would show a traceback."""
        if isinstance(error, Cancelled):
            self.message.value = "Cancelled; nothing was changed."
        else:
            self.message.value = " ".join(str(error).split()) or type(error).__name__
            show_info(self.message.value)


def _trouble(layer):
    """Return why a layer cannot be denoised, or None."""
    if layer is None:
        return "Open an image first."
    if layer.rgb:
        return "Colour images cannot be denoised; split the channels first."
    if layer.multiscale:
        return "Pyramids cannot be denoised; open the image itself."
    if layer.ndim not in (2, 3):
        return f"Expected an image or a stack, got {layer.ndim} axes."
    return None


def _placed(layer, ndim, corner):
    """Return the options of a layer that lies where its pixels come from."""
    scale, translate = np.array(layer.scale)[-ndim:], np.array(layer.translate)[-ndim:]
    translate[-2:] += scale[-2:] * corner
    return {"scale": scale, "translate": translate, "units": layer.units[-ndim:]}
