"""One text for each parameter that several estimators share."""

import inspect
import re
import textwrap

SHARED_PARAMETERS = {
    "network_parameters": """\
epochs : int, default=50
    Length of the training; one epoch is 40 random crops, so that training
    takes ``epochs * ceil(40 / batch_size)`` steps.
batch_size : int, default=1
    Crops in one training step.
crop_size : "auto", "full" or int, default="auto"
    Side of a training crop, in pixels of the (binned) image; ``"auto"`` is 128
    on a binned image and 160 on the full grid, ``"full"`` the whole image.
    Images that are smaller are taken whole.
learning_rate : float, default=0.003
    Largest step size of the optimiser.
schedule : str, default="cosine"
    ``"cosine"``: AdamW with a warm-up over the first tenth of the steps, a
    cosine down to zero, gradients clipped to norm 1, and the exponential
    moving average of the weights as the result. ``"constant"``: Adam with a
    constant step size and the last weights. ``"halved_by_thirds"`` and
    ``"halved_by_fifths"``: the same, but the step size is halved after every
    third or fifth of the steps.
symmetries : {"dihedral", "leaky_rotation", "none"}, default="dihedral"
    How an image is turned. ``"dihedral"``: training crops, and the draws of
    ``transform``, under the eight flips and rotations by 90 degrees.
    ``"leaky_rotation"``: training crops under the published flips and
    nearest-neighbour rotations of up to 20 degrees, which copy about 2 % of
    the target pixels into the input (a leak, here to reproduce the paper).
    ``"none"``: as they are.
binning : "auto" or float, default="auto"
    Factor, at least 1, by which the image is Fourier-binned before the
    network sees it; the result comes back at full size. ``"auto"`` reads it
    off the spectrum of the noisy image, for rows and columns each, and gives 1
    unless that shows where detail ends; 1 works on the full grid, as published.
standardize : bool, default=True
    Whether intensities are brought to mean 0 and standard deviation 1 for the
    network, and back after it. With False the result depends on the unit of
    the image.
held_out : float, default=0.02
    Fraction of the pixels, a function of the seed and the pixel, that never
    serve as training targets. ``score`` without a reference and the check of
    a fit stand on them.
keep_best : bool, default=False
    Whether the weights that predict the held-out pixels best are kept, from
    50 looks in the course of the training, rather than the last ones.
tol : float or None, default=None
    Training comes to an end when the error on the held-out pixels has not fallen
    by this share in `patience` looks in a row, of 50 in a full training: a quarter
    as many steps as are behind follow, in which the step size falls to zero. The
    best weights are kept, as with `keep_best`. None takes all steps.
patience : int, default=5
    See `tol`.
refine : bool, default=False
    Whether the result of the network guides a collaborative filter, non-local
    Bayes: of similar blocks of the noisy image, from all over it, their mean is
    kept, and what sets each apart as far as it stands out of the noise. Its mean is
    that of the noisy image. Takes a second or two a frame. The filter bins the image
    as its spectrum allows, at any `binning`; where that is not at all, three tenths
    of the network's result are kept. ``score`` without a reference, and the spread of
    the draws, are of the network alone.
max_time : float or None, default=None
    Seconds after which training ends; its schedule shrinks to fit. The result
    then depends on the speed of the machine.
warm_start : bool, default=False
    Whether ``fit`` goes on from the weights of the last fit, if that had the same
    kind of network and the same binning.
max_memory : str, int or None, default=None
    Memory, such as ``"500 MB"`` or ``"2GB"``, or bytes, that the network may take
    in ``transform``, above the image and its result: a frame is cut into tiles as
    small as that, and comes back the same. None takes tiles of a megapixel.
    Where memory runs out all the same, smaller tiles are tried, with a warning.
n_threads : int or None, default=None
    Threads used on the CPU; None takes as many as pay: one for the compact
    network, up to all for larger networks, batches and frames.
device : str, default="auto"
    ``"auto"`` takes CUDA, then MPS, then the CPU; or the name of a torch device.
random_state : int, RandomState instance or None, default=None
    Seed of the initial weights, the crops and the draws: the same seed gives
    the same image. Global seeds are left alone.
verbose : int, default=1
    0 is silent, 1 shows a progress bar if stderr is a terminal, 2 always.""",
    "network_attributes": """\
network_ : torch.nn.Module or None
    The trained network, on the CPU; None after a fit on a constant image.
history_ : list of dict
    One entry a training step: ``step``, ``loss``, ``learning_rate``,
    ``seconds``.
n_iter_ : int
    Number of training steps taken.
binning_ : float
    The factor by which images were binned; the geometric mean of
    ``grid_.factors`` where it is not the same for rows and columns.
filter_ : CollaborativeFilter or None
    What refines results; None without ``refine``.
held_out_error_ : float
    Mean squared error on the held-out pixels, on the scale of the network: with
    ``standardize``, in units of the variance of the (binned) noisy image.
seed_ : int
    What all randomness of ``transform`` and ``score`` grows from.
n_features_in_ : int
    Length of the second axis of ``X`` seen by ``fit``; other image sizes are
    welcome in ``transform``.""",
}


def fill_doc(cls):
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
    defaults = {
        name: parameter.default for name, parameter in inspect.signature(cls).parameters.items()
    }

    def own_default(match):
        name, kind = match["name"], match["kind"]
        return f"{name} : {kind}default={_quoted(defaults[name])}" if name in defaults else match[0]

    def shared(match):
        text = re.sub(
            r"(?m)^(?P<name>\w+) : (?P<kind>.*)default=.*$",
            own_default,
            SHARED_PARAMETERS[match["name"]],
        )
        return textwrap.indent(text, match["indent"])

    if cls.__doc__:  # python -OO strips docstrings
        cls.__doc__ = re.sub(r"(?m)^(?P<indent> *)%\((?P<name>\w+)\)s$", shared, cls.__doc__)
    return cls


def _quoted(value):
    return f'"{value}"' if isinstance(value, str) else repr(value)


def parameter_texts(cls):
    """Read the section "Parameters" of a numpydoc docstring.

    Parameters
    ----------
    cls : type
        A documented class.

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
    >>> parameter_texts(Toy)
    {'size': ('int, default=3', 'How large.')}
    """
    text = inspect.getdoc(cls) or ""
    section = re.search(r"Parameters\n-+\n(.*?)(?:\n\n\S|\Z)", text, re.DOTALL)
    entries = re.split(r"(?m)^(?=\S)", section[1]) if section else []
    texts = {}
    for entry in filter(None, entries):
        head, _, description = entry.partition("\n")
        name, _, kind = head.partition(" : ")
        texts[name] = (kind, " ".join(description.split()))
    return texts
