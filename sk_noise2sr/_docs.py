"""One text for each parameter that several estimators share."""

import inspect
import re
import textwrap
from typing import TypeVar

Class = TypeVar("Class", bound=type)

SHARED_PARAMETERS = {
    "network_parameters": """\
epochs : int >= 1, default=50
    Length of the training; one epoch is 40 random crops, so that training
    takes ``epochs * ceil(40 / batch_size)`` steps. More for better images, fewer for less time.
binning : "auto" or float >= 1, default="auto"
    Factor by which the image is Fourier-binned before the
    network sees it; the result comes back at full size. ``"auto"`` reads one for rows and
    one for columns off the spectrum of the noisy image, and gives 1 unless that shows
    where detail ends; 1 works on the full grid, as published.
refine : bool or int >= 1, default=False
    Average similar blocks of the noisy image, guided by the network; keep detail
    that stands out of the noise. True does so twice, the second time guided by the first
    result; a number, that many times. The mean of the image is kept. Takes a second or two
    a frame. The filter has its own binning, read off the spectrum. If that is below 2.5,
    ``fit`` finds shares in the result for the network, the filter, the filter without the
    network and a Wiener filter: ``filter_.shares``. They come from small changes of the image,
    and count fully up to a binning of 1.5, less beyond. With ``max_time`` none are found, and
    network and filter have 0.3 and 0.7 up to 1.5, and 0 and 1 from 2.5 on. ``score`` without a
    reference, and the spread of the draws, describe the network alone.
training : Training or None, default=None
    Settings that few users change: batches, crops, step size, symmetries, held-out pixels,
    early stop; see :class:`~sk_noise2sr.engine.Training`. None is its defaults.
max_time : float > 0 or None, default=None
    Seconds for ``fit`` and ``transform`` of the same images together. Training ends when
    the time left is what the draws and the filter take; its schedule is shortened to
    that. The result then depends on the machine's speed.
warm_start : bool, default=False
    Whether ``fit`` goes on from the weights of the last fit, if that had the same
    kind of network and the same binning.
max_memory : str, int >= 1 or None, default=None
    Memory, such as ``"500 MB"`` or ``"2GB"``, or bytes, that the network may take
    in ``transform``, on top of the image and its result. Tiles are made so small that it
    stays below the limit; the result is the same. None takes tiles of a megapixel.
    Where memory runs out all the same, smaller tiles are tried, with a warning.
n_threads : int >= 1 or None, default=None
    Threads used on the CPU. They share out predictions and the patches of the filter, and
    change nothing. None takes up to four for that, and trains the compact network in one,
    larger networks and batches in up to all. With two asked for, they share out the layers of
    the compact network: a fit ends sooner if both have a core for themselves, takes more CPU
    time, and gives a slightly different image, as rounding errors grow in a training.
device : str, default="auto"
    ``"auto"`` takes CUDA, then MPS, then the CPU; or the name of a torch device.
random_state : int >= 0, RandomState instance or None, default=None
    Seed of the initial weights, the crops and the draws: the same seed gives
    the same image. Global seeds are left alone.
verbose : int >= 0, default=1
    0 is silent, 1 shows a progress bar if stderr is a terminal, 2 always.""",
    "network_attributes": """\
fit_ : Fit
    All that was learned, in one frozen object, which the other attributes read. Frames of
    very unlike dose get a network for each dose: ``fit_.each`` holds all of them,
    ``fit_.each[i].frames`` the numbers of its frames. ``transform`` uses the network whose
    frames are most alike; the other attributes are those of the network of most frames.
network_ : torch.nn.Module or None
    The trained network, on the CPU; None after a fit on a constant image.
history_ : list of dict
    One entry for each training step: ``step``, ``loss``, ``learning_rate``,
    ``seconds``.
n_iter_ : int
    Number of training steps taken.
binning_ : float
    The factor by which images were binned: the geometric mean of those of rows and
    columns, ``grid_.factors``.
grid_ : WorkingGrid
    How intensities are mapped and images are binned.
filter_ : CollaborativeFilter or None
    The filter that refines results; None without ``refine``.
held_out_error_ : float
    Mean squared error on the held-out pixels, on the scale of the network:
    by default in units of the variance of the (binned) noisy image.
seed_ : int
    Seed of all randomness of ``transform`` and ``score``.
n_features_in_ : int
    Length of the second axis of ``X`` seen by ``fit``; other image sizes are
    welcome in ``transform``.""",
}


def fill_doc(cls: Class) -> Class:
    """Replace every line ``%(name)s`` in the docstring of `cls` by the shared text.

    Defaults in that text become those of the signature of `cls`.

    Parameters
    ----------
    cls : type
        A class whose docstring holds fill-ins, each on a line of its own.

    Returns
    -------
    type
        The same class.

    Examples
    --------
    >>> class Toy:
    ...     '''Toy.
    ...
    ...     %(network_attributes)s
    ...     '''
    >>> "history_ : list of dict" in fill_doc(Toy).__doc__
    True
    """
    if cls.__doc__:  # python -OO strips docstrings
        parameters = inspect.signature(cls).parameters.values()
        cls.__doc__ = filled(cls.__doc__, {each.name: each.default for each in parameters})
    return cls


def filled(text, defaults=()):
    """Replace every line ``%(name)s`` of a docstring by the shared text.

    Parameters
    ----------
    text : str
        The docstring.
    defaults : dict of str to object, default=()
        Defaults that replace those of the shared text.

    Returns
    -------
    str
        The docstring, filled in.
    """

    def own_default(match):
        name, kind = match["name"], match["kind"]
        return f"{name} : {kind}default={_quoted(defaults[name])}" if name in defaults else match[0]

    def shared(match):
        heads = r"(?m)^(?P<name>\w+) : (?P<kind>.*)default=.*$"
        named = re.sub(heads, own_default, SHARED_PARAMETERS[match["name"]])
        return textwrap.indent(named, match["indent"])

    return re.sub(r"(?m)^(?P<indent> *)%\((?P<name>\w+)\)s$", shared, text)


def _quoted(value):
    return f'"{value}"' if isinstance(value, str) else repr(value)


def parameter_texts(docstring):
    """Read the section "Parameters" of a numpydoc docstring.

    Parameters
    ----------
    docstring : str or None
        The docstring of a class or a function.

    Returns
    -------
    dict of str to (str, str)
        For each parameter its type and its description, on one line each.

    Examples
    --------
    >>> class Toy:
    ...     '''Toy.
    ...
    ...     Parameters
    ...     ----------
    ...     size : int, default=3
    ...         How
    ...         large.
    ...     '''
    >>> parameter_texts(Toy.__doc__)
    {'size': ('int, default=3', 'How large.')}
    """
    text = inspect.cleandoc(docstring or "")
    section = re.search(r"Parameters\n-+\n(.*?)(?:\n\n\S|\Z)", text, re.DOTALL)
    entries = re.split(r"(?m)^(?=\S)", section[1]) if section else []
    texts = {}
    for entry in filter(None, entries):
        head, _, description = entry.partition("\n")
        name, _, kind = head.partition(" : ")
        texts[name] = (kind, " ".join(description.split()))
    return texts
