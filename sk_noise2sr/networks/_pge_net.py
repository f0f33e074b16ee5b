"""The network of FBI-Denoiser that estimates the noise, and what it is trained on."""

import torch
from torch import nn
from torch.nn import functional as F

from ._any_side import at_any_side

_PATCH, _STEP = 8, 3


class PGENet(nn.Module):
    """U-Net with three levels whose output is two numbers per image, at least 0.

    Pairs of convolutions 3 x 3 with ReLU, max-pooling, transposed convolutions 2 x 2; skips are
    added. The numbers are the means of two squared maps: gain and standard deviation of the
    read-out, once trained so that :func:`patch_noise_std` of the image that they stabilise is
    1 [1]_.

    Parameters
    ----------
    n_features : int, default=64
        Channels at full size; each level down has twice as many.

    References
    ----------
    .. [1] J. Byun, S. Cha, T. Moon, "FBI-Denoiser: Fast Blind Image Denoiser for Poisson-Gaussian
       Noise", CVPR 2021.

    Examples
    --------
    >>> PGENet(n_features=8)(torch.rand(3, 1, 21, 34)).shape
    torch.Size([3, 2])
    """

    side_multiple = 4

    def __init__(self, n_features: int = 64):
        super().__init__()
        f = n_features
        self.down = nn.ModuleList([_pair(1, f), _pair(f, 2 * f), _pair(2 * f, 4 * f)])
        self.enlarge = nn.ModuleList(
            nn.ConvTranspose2d(2 * width, width, 2, stride=2) for width in (2 * f, f)
        )
        self.up = nn.ModuleList([_pair(2 * f, 2 * f), _pair(f, f)])
        self.last = nn.Conv2d(f, 2, 1)
        self.apply(_initialise)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Map images of shape (n, 1, height, width) to numbers of shape (n, 2)."""
        maps = at_any_side(self._forward, images, side_multiple=self.side_multiple)
        return (maps**2).mean((-2, -1))

    def _forward(self, images):
        features, skips = self.down[0](images), []
        for level in self.down[1:]:
            skips.append(features)
            features = level(F.max_pool2d(features, 2))
        for enlarge, level in zip(self.enlarge, self.up, strict=True):
            features = level(enlarge(features) + skips.pop())
        return self.last(features)


def patch_noise_std(images: torch.Tensor) -> torch.Tensor:
    """Estimate the standard deviation of white noise from the weakest components of patches.

    Patches of 8 x 8 pixels lie in a subspace as far as they are signal. The eigenvalues of
    their covariance outside of it are those of the noise: the largest group of the smallest
    eigenvalues whose mean is their median [1]_.

    Parameters
    ----------
    images : Tensor of shape (n, 1, height, width)
        Noisy images with more than 64 patches, at steps of three pixels.

    Returns
    -------
    Tensor of shape (n,)
        Standard deviations, in units of intensity, with gradients.

    Raises
    ------
    ValueError
        If the images are too small.

    References
    ----------
    .. [1] G. Chen, F. Zhu, P. A. Heng, "An Efficient Statistical Method for Image Noise Level
       Estimation", ICCV 2015.

    Examples
    --------
    >>> noise = 0.3 * torch.randn(1, 1, 128, 128, generator=torch.Generator().manual_seed(0))
    >>> round(float(patch_noise_std(noise)), 2)
    0.3
    """
    eigenvalues = torch.linalg.eigvalsh(_patch_covariance(images))
    n = eigenvalues.shape[-1]
    means = eigenvalues.cumsum(-1) / torch.arange(1, n + 1, device=images.device)
    differences = eigenvalues[..., None, :] - means[..., :, None]
    prefix = torch.ones(n, n, dtype=torch.bool, device=images.device).tril()
    above = ((differences > 0) & prefix).sum(-1)
    below = ((differences < 0) & prefix).sum(-1)
    accepted = means.where(above == below, means[..., :1])
    return accepted.amax(-1).clamp_min(torch.finfo(images.dtype).tiny).sqrt()


def _patch_covariance(images):
    height, width = images.shape[-2:]
    n_patches = max((height - _PATCH) // _STEP + 1, 0) * max((width - _PATCH) // _STEP + 1, 0)
    if n_patches <= _PATCH**2:
        raise ValueError(
            f"Expected images of more than {_PATCH**2} patches of {_PATCH} x {_PATCH} pixels, got "
            f"{n_patches} in {height} x {width} pixels. Take images of at least 32 x 32 pixels."
        )
    patches = F.unfold(images, _PATCH, stride=_STEP)
    patches = patches - patches.mean(-1, keepdim=True)
    return patches @ patches.mT / n_patches


def _pair(n_in, n_out):
    return nn.Sequential(
        nn.Conv2d(n_in, n_out, 3, padding=1),
        nn.ReLU(inplace=True),
        nn.Conv2d(n_out, n_out, 3, padding=1),
        nn.ReLU(inplace=True),
    )


def _initialise(module):
    if isinstance(module, (nn.Conv2d, nn.ConvTranspose2d)):
        nn.init.xavier_uniform_(module.weight)
        nn.init.zeros_(module.bias)
