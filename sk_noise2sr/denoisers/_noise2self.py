"""Noise2Self: predict every pixel from its surroundings, itself hidden."""

from numbers import Integral

import torch
from sklearn.utils._param_validation import Interval, StrOptions

from .._docs import fill_doc
from .._symmetries import N_SYMMETRIES
from ..base import BaseNetworkDenoiser
from ..networks import ENCODERS, make_denoising_network
from ..samplers import grid_mask, hide


@fill_doc
class Noise2Self(BaseNetworkDenoiser):
    """Blind-spot denoising by masks: J-invariant, and with any network.

    One pixel of every ``mask_width`` x ``mask_width`` cell is hidden under the mean of its
    neighbours, and a network learns to predict the hidden pixels [1]_. Noise that is independent
    from pixel to pixel and of zero mean cannot be learned that way.

    Parameters
    ----------
    encoder : str or callable, default="compact"
        ``"compact"``: a small U-Net, with three levels on a binned image and four on the full
        grid. ``"unet"``: that of Noise2Noise, which the Noise2SR paper compares with.
        ``"dncnn"``: DnCNN with eight layers. ``"uformer"`` and ``"restormer"``: transformers at
        their published sizes, for a GPU; ``"uformer_compact"`` and ``"restormer_compact"``:
        small ones; the first takes about three times the CPU time of ``"compact"``, the second
        little more than it. Or a callable ``(in_channels, out_channels) -> torch.nn.Module``
        whose output has the size of its input.
    mask_width : int, default=4
        Side of a cell, in pixels, at least 2.
    inference : {"invariant", "single"}, default="invariant"
        ``"invariant"``: every pixel of the result comes from a pass in which it was hidden,
        ``mask_width**2`` passes in all. ``"single"``: one pass in which nothing is hidden.
    M : int, default=2
        Number of such images averaged by ``transform``, each under another of the eight flips
        and rotations if ``symmetries="dihedral"``; more than eight repeat them.
    %(network_parameters)s

    Attributes
    ----------
    %(network_attributes)s

    References
    ----------
    .. [1] J. Batson and L. Royer, "Noise2Self: Blind Denoising by Self-Supervision", ICML 2019,
       proposition 1 and section 4.

    Examples
    --------
    >>> from sk_noise2sr import Noise2Self, datasets
    >>> clean, noisy = datasets.make_hrem((64, 64), random_state=0)
    >>> Noise2Self(epochs=2, random_state=0).fit_transform(noisy).shape
    (64, 64)
    """

    _parameter_constraints = {
        **BaseNetworkDenoiser._parameter_constraints,
        "encoder": [StrOptions(set(ENCODERS)), callable],
        "mask_width": [Interval(Integral, 2, None, closed="left")],
        "inference": [StrOptions({"invariant", "single"})],
        "M": [Interval(Integral, 1, None, closed="left")],
    }
    _frozen = (*BaseNetworkDenoiser._frozen, "encoder")
    _presets = {
        "default": {},
        "paper": {
            "encoder": "unet",
            "M": 1,
            "epochs": 1500,
            "batch_size": 10,
            "crop_size": 256,
            "learning_rate": 1e-4,
            "schedule": "constant",
            "binning": 1,
        },
        "notebook": {
            "encoder": "dncnn",
            "inference": "single",
            "M": 1,
            "epochs": 13,
            "crop_size": "full",
            "learning_rate": 1e-2,
            "schedule": "constant",
            "symmetries": "none",
            "binning": 1,
            "keep_best": True,
        },
    }

    def __init__(
        self,
        *,
        encoder="compact",
        mask_width=4,
        inference="invariant",
        M=2,
        epochs=30,
        **shared,
    ):
        super().__init__(epochs=epochs, **shared)
        self.encoder = encoder
        self.mask_width = mask_width
        self.inference = inference
        self.M = M

    @property
    def _tells_hidden(self):
        return self.inference == "invariant"

    def _sight(self, network):
        return super()._sight(network) + 1  # the mean of neighbours in the place of a pixel

    def _n_outputs(self):
        return self.M

    def _make_network(self):
        options = self._encoder_options(dncnn={"n_layers": 8})
        return make_denoising_network(self.encoder, encoder_options=options)

    def _loss(self, network, batch):
        phase = torch.randint(
            self.mask_width**2, (), generator=batch.generator, device=batch.noisy.device
        )
        height, width = batch.noisy.shape[-2:]
        hidden = grid_mask(range(height), range(width), self.mask_width, int(phase))
        hidden = hidden.to(batch.noisy.device)
        counted = hidden & batch.targets
        errors = (network(hide(batch.noisy, hidden)) - batch.noisy) ** 2
        return (errors * counted).sum() / counted.sum().clamp(min=1)

    def _outputs(self, network, noisy, draws):
        seen = torch.full_like(noisy, self._tells_hidden, dtype=torch.bool)
        for draw in range(self.M):
            symmetry = draw % N_SYMMETRIES if self.symmetries == "dihedral" else 0
            if self.inference == "single":
                yield self._predict_turned(network, noisy, symmetry), seen
            else:
                yield self._predict_hidden(network, noisy, draws, symmetry), seen

    def _predict_hidden(self, network, noisy, draws, symmetry):
        """Return an image each pixel of which was hidden when it was predicted."""
        rows, columns = draws.cells(*noisy.shape[-2:], side=1)
        denoised = torch.zeros_like(noisy)
        for phase in range(self.mask_width**2):
            hidden = grid_mask(rows, columns, self.mask_width, phase).to(noisy.device)
            prediction = self._predict_turned(network, hide(noisy, hidden), symmetry)
            denoised = torch.where(hidden, prediction, denoised)
        return denoised
