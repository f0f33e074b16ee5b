"""Networks that were trained on simulated micrographs, with the weights that their package has."""

from tk_r_em import load_network


def tk_r_em(noisy):
    """Return the result of the network for high-resolution TEM."""
    network = load_network("sfr_hrtem")
    return network.predict(noisy[None, ..., None].astype("float32"), 1)[0, ..., 0]
