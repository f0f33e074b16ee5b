"""Which peers there are, what each needs, and under which licence."""

from dataclasses import dataclass

OWN = "sk_noise2sr"


@dataclass(frozen=True)
class Peer:
    """A denoiser by other people, or one of ours beside them.

    Parameters
    ----------
    function : str
        Where :mod:`~benchmarks.peers.worker` finds it: a module beside it, and a function.
    packages : tuple of str
        What is installed for it. None is a dependency of this project.
    licence : str
        The licence of those packages.
    instead : tuple of str
        What is installed in place of the versions that those packages ask for.
    """

    function: str
    packages: tuple = ()
    licence: str = ""
    instead: tuple = ()


_CLASSIC, _SCIPY = ("numpy", "scipy", "scikit-image", "PyWavelets"), ("numpy", "scipy")
# The CAREamics that goes with our torch asks for pkg_resources.
_NETWORK = ("setuptools<81", "careamics")
# Its networks and its windows, which nothing here uses, ask for versions that this Python has not.
_AYDIN = ("psutil", "dask", "PyWavelets", "aydin")
_WITHOUT = ("tensorflow", "keras", "protobuf", "napari", "PyQt5", "QDarkStyle")
_AYDIN_INSTEAD = (
    *(f"{name}; python_version < '3'" for name in _WITHOUT),
    *("imageio", "imagecodecs", "scikit-image<0.23", "numpy<2", "pandas<3", "zarr<3"),
)
# The last TensorFlow that opens its networks.
_PRETRAINED = ("tensorflow<2.16", "tk_r_em")

PEERS = {
    "noise2sr": Peer("own:default"),
    "noise2sr:fast": Peer("own:fast"),
    "noise2sr:instant": Peer("own:instant"),
    "vstbm3d": Peer("own:vst_bm3d"),
    "radial_wiener": Peer("spectral:radial_wiener", _SCIPY, "BSD-3-Clause"),
    "absf": Peer("spectral:absf", _SCIPY, "BSD-3-Clause"),
    "skimage:nl_means": Peer("classic:non_local_means", _CLASSIC, "BSD-3-Clause"),
    "skimage:wavelet": Peer("classic:wavelet", _CLASSIC, "BSD-3-Clause"),
    "skimage:tv": Peer("classic:total_variation", _CLASSIC, "BSD-3-Clause"),
    "opencv:nl_means": Peer(
        "opencv:non_local_means", ("numpy", "opencv-python-headless"), "Apache-2.0"
    ),
    "careamics:n2v2": Peer("networks:n2v2", _NETWORK, "BSD-3-Clause"),
    "careamics:structn2v": Peer("networks:structn2v", _NETWORK, "BSD-3-Clause"),
    "aydin:gaussian": Peer("aydins:gaussian", _AYDIN, "BSD-3-Clause", _AYDIN_INSTEAD),
    "aydin:butterworth": Peer("aydins:butterworth", _AYDIN, "BSD-3-Clause", _AYDIN_INSTEAD),
    "aydin:fgr": Peer("aydins:fgr", _AYDIN, "BSD-3-Clause", _AYDIN_INSTEAD),
    "tk_r_em:hrtem": Peer("pretrained:hrtem", _PRETRAINED, "GPL-3.0"),
    "tk_r_em:hrstem": Peer("pretrained:hrstem", _PRETRAINED, "GPL-3.0"),
}
