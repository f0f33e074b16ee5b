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
    """

    function: str
    packages: tuple = ()
    licence: str = ""


_CLASSIC, _SCIPY = ("numpy", "scipy", "scikit-image", "PyWavelets"), ("numpy", "scipy")
# The CAREamics that goes with our torch asks for pkg_resources.
_NETWORK, _AYDIN = ("setuptools<81", "careamics"), ("aydin",)

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
    "aydin:butterworth": Peer("aydins:butterworth", _AYDIN, "BSD-3-Clause"),
    "aydin:fgr": Peer("aydins:fgr", _AYDIN, "BSD-3-Clause"),
    "tk_r_em": Peer("pretrained:tk_r_em", ("tk_r_em",), "GPL-3.0"),
}
