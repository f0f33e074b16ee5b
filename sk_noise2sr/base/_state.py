"""The state of a fit: parameters that must not change, and the network as NumPy arrays."""

from dataclasses import replace

from .. import engine


def check_unchanged(denoiser):
    """Raise if a parameter that cannot change after a fit has another value now.

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
    """Return the state with the network as NumPy arrays, which open on any device."""
    if "fit_" in state:
        check_unchanged(denoiser)
        state["fit_"] = _changed(state["fit_"], lambda fit: engine.to_arrays(fit.network))
    return state


def build_network(denoiser):
    """Build the network of a denoiser again from the arrays that its fit holds."""

    def build(fit):
        if fit.network is None:
            return None
        return engine.from_arrays(denoiser._scheme(fit.grid).make_network, fit.network)

    if vars(denoiser).get("fit_") is not None:
        denoiser.fit_ = _changed(denoiser.fit_, build)


def _changed(fit, change):
    """Return a fit, and the others that it holds, each with its network passed to `change`."""
    others = [replace(other, network=change(other)) for other in fit.others]
    return replace(fit, network=change(fit), others=others)
