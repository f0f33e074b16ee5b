"""Networks that were trained on simulated micrographs, with the weights that their package has."""

from tk_r_em import load_network


def hrtem(noisy):
    """Return the result of the network for high-resolution TEM."""
    return _restored(noisy, "sfr_hrtem")


def hrstem(noisy):
    """Return the result of the network for high-resolution STEM."""
    return _restored(noisy, "sfr_hrstem")


def _restored(noisy, name):
    return load_network(name).predict(noisy[None, ..., None], 1)[0, ..., 0]
