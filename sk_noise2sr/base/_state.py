"""What a fit stands on, and how it travels: as NumPy arrays."""

from dataclasses import replace

from .. import engine


def check_unchanged(denoiser):
    """Raise if a parameter that the fit stands on has been set to another value.

    Parameters
    ----------
    denoiser : BaseNetworkDenoiser
        A denoiser with a fit.

    Raises
    ------
    ValueError
        If one has.
    """
    for name, fitted in denoiser.fit_.parameters.items():
        now = getattr(denoiser, name)
        if now is not fitted and now != fitted:
            raise ValueError(f"{name} was {fitted!r} in fit and is {now!r} now; fit again.")


def with_arrays(denoiser, state):
    """Return the state with the network as NumPy arrays, which open without its device."""
    if "fit_" in state:
        check_unchanged(denoiser)
        state["fit_"] = replace(state["fit_"], network=engine.to_arrays(denoiser.network_))
    return state


def build_network(denoiser):
    """Build the network of a denoiser again from the arrays that its fit holds."""
    fit = vars(denoiser).get("fit_")
    if fit is not None and fit.network is not None:
        make_network = denoiser._scheme(fit.grid).make_network
        denoiser.fit_ = replace(fit, network=engine.from_arrays(make_network, fit.network))
