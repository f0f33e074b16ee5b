"""The small network of Zero-Shot Noise2Noise."""

from torch import nn


class ShallowNetwork(nn.Sequential):
    """Two convolutions 3 x 3 and one 1 x 1, LeakyReLU(0.2) between them: predicts the noise.

    It looks two pixels far; the denoised image is the image less its output [1]_.

    Parameters
    ----------
    n_features : int, default=48
        Channels between the convolutions.

    References
    ----------
    .. [1] Y. Mansour, R. Heckel, "Zero-Shot Noise2Noise: Efficient Image Denoising without any
       Data", CVPR 2023.

    Examples
    --------
    >>> import torch
    >>> network = ShallowNetwork()
    >>> sum(weights.numel() for weights in network.parameters())
    21313
    >>> network(torch.zeros(1, 1, 5, 7)).shape
    torch.Size([1, 1, 5, 7])
    """

    side_multiple = 1

    def __init__(self, n_features: int = 48):
        super().__init__(
            nn.Conv2d(1, n_features, 3, padding=1),
            nn.LeakyReLU(0.2, inplace=True),
            nn.Conv2d(n_features, n_features, 3, padding=1),
            nn.LeakyReLU(0.2, inplace=True),
            nn.Conv2d(n_features, 1, 1),
        )
