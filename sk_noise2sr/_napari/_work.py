"""What the panel does in a thread of its own: it knows no window."""

import inspect
import threading
from dataclasses import dataclass

import numpy as np

from .. import denoisers
from .._progress import listening
from ..persistence import provenance_of
from ..trust import Evidence, evidence_map

SEED = 0


class Cancelled(Exception):  # noqa: N818 - it is no error
    """The reader of the panel has pressed Cancel."""


@dataclass(frozen=True)
class Task:
    """What is to be denoised, and how.

    Parameters
    ----------
    image : ndarray of shape (height, width) or (n, height, width)
        The pixels.
    method : str
        Name of a class of ``sk_noise2sr.denoisers``.
    preset : str
        One of its presets.
    evidence : bool
        Whether the result is compared with the image.
    """

    image: np.ndarray
    method: str
    preset: str
    evidence: bool


@dataclass(frozen=True)
class Done:
    """A task that is done.

    Parameters
    ----------
    denoised : ndarray of the shape of the image
        The result.
    evidence : Evidence or None
        Of one image; None where it was not asked for, or nothing can be told.
    provenance : dict
        How it was made.
    """

    denoised: np.ndarray
    evidence: Evidence | None
    provenance: dict


@dataclass(frozen=True)
class Failed:
    """A task that was not done.

    Parameters
    ----------
    error : Exception
        Why.
    """

    error: Exception


def methods():
    """Return the names of all methods that learn from the image alone, Noise2SR first."""
    classes = {name: getattr(denoisers, name) for name in denoisers.__all__}
    alone = [
        name
        for name, member in classes.items()
        if inspect.isclass(member) and not member._needs_target
    ]
    return sorted(alone, key=lambda name: (name != "Noise2SR", name))


def presets(method):
    """Return the names of the presets of a method, the default first."""
    names = getattr(denoisers, method)._presets
    return sorted(names, key=lambda name: (name != "default", name))


class Job:
    """A task under way, which can be cancelled.

    Parameters
    ----------
    task : Task
        What to do.
    tell : callable
        ``tell(name, done, total)`` is called in the thread of the work.
    """

    def __init__(self, task, tell):
        self._task, self._tell, self._cancelled = task, tell, threading.Event()

    def cancel(self):
        """Ask the work to end at its next step."""
        self._cancelled.set()

    def __call__(self):
        """Denoise.

        Returns
        -------
        Done or Failed
            Errors are returned: of some that are raised in a thread, napari says nothing.
        """
        try:
            return self._denoise()
        except Exception as error:
            return Failed(error)

    def _denoise(self):
        task = self._task
        denoiser = getattr(denoisers, task.method).from_preset(task.preset)
        known = denoiser.get_params()
        quiet = {"random_state": SEED, "verbose": 0}
        denoiser.set_params(**{name: value for name, value in quiet.items() if name in known})
        with listening(self._hear):
            denoised = denoiser.fit_transform(task.image)
        evidence = self._compare(denoised)
        if self._cancelled.is_set():  # methods without steps notice at their end
            raise Cancelled
        return Done(denoised, evidence, provenance_of(denoiser))

    def _compare(self, denoised):
        if not self._task.evidence or denoised.ndim != 2:
            return None
        try:
            return evidence_map(self._task.image, denoised)
        except ValueError:
            return None

    def _hear(self, name, done, total):
        if self._cancelled.is_set():
            raise Cancelled
        self._tell(name, done, total)
