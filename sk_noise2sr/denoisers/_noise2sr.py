"""Noise2SR: learn to super-resolve a random sub-sample of the noisy image."""

from numbers import Integral

import torch
from sklearn.utils._param_validation import Interval, StrOptions

from .._docs import fill_doc
from .._symmetries import N_FLIPS, N_SYMMETRIES
from ..base import BaseNetworkDenoiser
from ..networks import (
    ENCODERS,
    UPSAMPLERS,
    make_denoising_network,
    make_super_resolution_network,
)
from ..samplers import (
    ColumnSubsampler,
    FixedSubsampler,
    RandomSubsampler,
    RowSubsampler,
    choose_sampling,
    hide,
    split,
    unseen_columns,
    unseen_rows,
)

_LINES = {"rows": unseen_rows, "columns": unseen_columns}


@fill_doc
class Noise2SR(BaseNetworkDenoiser):
    """Zero-shot denoising by self-supervised super-resolution.

    One random pixel of every ``stride`` x ``stride`` cell is kept, and a network learns to
    predict, from those, the pixels left out [1]_. As the noise of a pixel left out cannot be
    guessed from the noise of others, what it learns to predict is the signal. The result is the
    mean of the predictions from ``M`` random sub-samples.

    The noise has to be of zero mean and independent from pixel to pixel, or, with
    ``sampling="rows"``, from row to row; blur is not removed.

    Parameters
    ----------
    stride : int, default=2
        Side of a cell, in pixels, at least 2.
    encoder : str or callable, default="compact"
        ``"compact"``: a small U-Net, for a minute on a CPU, with three levels on a binned image
        and four on the full grid. ``"unet"``: the published one. ``"uformer"`` and
        ``"restormer"``: transformers at their published sizes, for a GPU;
        ``"uformer_compact"`` and ``"restormer_compact"``: small ones; the first takes about three
        times the CPU time of ``"compact"``, the second little more than it. ``"dncnn"``: DnCNN
        with 17 layers. Or a callable ``(in_channels, out_channels) -> torch.nn.Module`` whose
        output has the size of its input.
    upsampler : {"pixelshuffle", "transposed", "bilinear"}, default="pixelshuffle"
        How the decoder brings features to full size.
    M : int, default=32
        Number of sub-samples averaged by ``transform``.
    sampling : {"auto", "random", "fixed", "rows", "columns", "all_but_one"}, default="auto"
        Whether each cell keeps a pixel of its own, or all cells the same one. ``"rows"``: cells
        side by side keep pixels of one row, and pixels of other rows are predicted from them.
        For noise that is correlated along rows, as by the afterglow of a detector that scans;
        ``"columns"`` is for noise that is correlated along columns. ``"auto"`` takes one of these
        where the noise of the image asks for it, and ``"random"`` elsewhere.
        ``"all_but_one"``: each cell hides one pixel, which is predicted from all others; for
        images with detail as fine as their pixels.
    stratified : bool, default=True
        For random sampling: whether, in every ``stride**2`` draws of ``transform`` in a
        row, each pixel of each cell is kept exactly once. False draws independently, as published.
    tie_weights : bool, default=True
        For ``encoder="unet"``: whether its inner levels share their weights, as in the
        released code.
    %(network_parameters)s

    Attributes
    ----------
    sampling_ : str
        The sampling: what ``"auto"`` chose.
    %(network_attributes)s

    References
    ----------
    .. [1] X. Tian et al., "Zero-Shot Image Denoising for High-Resolution Electron Microscopy",
       IEEE Transactions on Computational Imaging 10, 1462-1475, 2024.

    Examples
    --------
    >>> from sk_noise2sr import Noise2SR, datasets
    >>> clean, noisy = datasets.make_hrem((64, 64), random_state=0)
    >>> denoised = Noise2SR(epochs=2, M=4, random_state=0).fit_transform(noisy)
    >>> denoised.shape
    (64, 64)
    """

    _parameter_constraints = {
        **BaseNetworkDenoiser._parameter_constraints,
        "stride": [Interval(Integral, 2, None, closed="left")],
        "encoder": [StrOptions(set(ENCODERS)), callable],
        "upsampler": [StrOptions(set(UPSAMPLERS))],
        "M": [Interval(Integral, 1, None, closed="left")],
        "sampling": [StrOptions({"auto", "random", "fixed", "rows", "columns", "all_but_one"})],
        "stratified": ["boolean"],
        "tie_weights": ["boolean"],
    }
    _frozen = (
        *BaseNetworkDenoiser._frozen,
        "stride",
        "encoder",
        "upsampler",
        "tie_weights",
        "sampling",
    )
    _tells_hidden = True
    _presets = {
        "default": {},
        "fast": {"epochs": 20, "M": 16},
        "best": {"epochs": 120, "M": 64},
        "paper": {
            "encoder": "unet",
            "M": 50,
            "sampling": "random",
            "stratified": False,
            "epochs": 1500,
            "batch_size": 10,
            "crop_size": 256,
            "learning_rate": 1e-4,
            "schedule": "constant",
            "symmetries": "leaky_rotation",
            "binning": 1,
            "standardize": False,
            "held_out": 0.0,
            "refine": False,
        },
    }

    def __init__(
        self,
        stride=2,
        *,
        encoder="compact",
        upsampler="pixelshuffle",
        M=32,
        sampling="auto",
        stratified=True,
        tie_weights=True,
        refine=True,
        **shared,
    ):
        super().__init__(refine=refine, **shared)
        self.stride = stride
        self.encoder = encoder
        self.upsampler = upsampler
        self.M = M
        self.sampling = sampling
        self.stratified = stratified
        self.tie_weights = tie_weights

    def _side_multiple(self):
        return self.stride

    def _stride(self):
        return self.stride

    def _n_outputs(self):
        if self._sampling == "all_but_one":  # passes that hide each pixel once make one
            return max(1, self.M // self.stride**2)
        return self._sampler().n_draws(self.M)

    @property
    def _sampling(self):
        return vars(self).get("sampling_", self.sampling)

    def _fit_grid(self, stack, binning):
        super()._fit_grid(stack, binning)
        auto = self.sampling == "auto"
        self.sampling_ = choose_sampling(stack, self.grid_.factors) if auto else self.sampling

    def _sampler(self):
        lines = {"fixed": FixedSubsampler, "rows": RowSubsampler, "columns": ColumnSubsampler}
        if self._sampling in lines:
            return lines[self._sampling](self.stride)
        return RandomSubsampler(self.stride, self.stratified or self._sampling == "all_but_one")

    def _make_network(self):
        if self._sampling == "all_but_one":
            options = self._encoder_options(unet={"tie_weights": self.tie_weights})
            return make_denoising_network(self.encoder, encoder_options=options)
        return make_super_resolution_network(
            self.encoder,
            self.stride,
            upsampler=self.upsampler,
            encoder_options=self._encoder_options(unet={"tie_weights": self.tie_weights}),
        )

    def _split(self, images, choice):
        kept, left_out = split(images, choice, self.stride)
        if self._sampling == "all_but_one":
            return hide(images, ~left_out), ~left_out
        unseen = _LINES.get(self._sampling)
        return kept, left_out if unseen is None else unseen(left_out)

    def _make_crops(self, *images, seed):
        crops = super()._make_crops(*images, seed=seed)
        if self._sampling in _LINES and self.symmetries == "dihedral":
            crops.symmetries = "flips"  # rows have to stay rows
        return crops

    def _loss(self, network, batch):
        n, _, height, width = batch.noisy.shape
        choice = self._sampler().choose(
            n, height // self.stride, width // self.stride, batch.generator
        )
        kept, left_out = self._split(batch.noisy, choice)
        counted = left_out & batch.targets
        errors = (network(kept) - batch.noisy) ** 2
        return (errors * counted).sum() / counted.sum().clamp(min=1)

    def _sight(self, network):
        # Beyond what it sees: the mean of neighbours in the place of a hidden pixel.
        return super()._sight(network) + (self._sampling == "all_but_one")

    def _outputs(self, network, noisy, draws):
        in_turn = self._sampling == "all_but_one"
        predict = self._hidden_in_turn if in_turn else self._predict_left_out
        for number in range(self._n_outputs()):
            yield predict(network, noisy, draws, number)

    def _predict_left_out(self, network, noisy, draws, draw):
        """Return what the pixels kept by a draw tell, and which pixels it left out."""
        kept, left_out = self._split_draw(noisy, draws, draw)
        # Each group of stratified draws sees the image under another symmetry.
        n_symmetries = N_FLIPS if self._sampling in _LINES else N_SYMMETRIES
        symmetry = draw // self.stride**2 % n_symmetries
        return network(kept, symmetry if self.symmetries == "dihedral" else 0), left_out

    def _split_draw(self, noisy, draws, draw):
        cells = draws.cells(*noisy.shape[-2:], self.stride)
        choice = self._sampler().choose_draw(draw, *cells, draws.seed)
        return self._split(noisy, choice.to(noisy.device))

    def _hidden_in_turn(self, network, noisy, draws, output):
        """Return an image each pixel of which was hidden when it was predicted."""
        symmetry = output % N_SYMMETRIES if self.symmetries == "dihedral" else 0
        denoised = torch.zeros_like(noisy)
        for position in range(self.stride**2):
            shown, hidden = self._split_draw(noisy, draws, output * self.stride**2 + position)
            denoised += self._predict_turned(network, shown, symmetry) * hidden
        return denoised, torch.ones_like(noisy, dtype=torch.bool)
