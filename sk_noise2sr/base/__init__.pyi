from ._denoiser import BaseDenoiser as BaseDenoiser
from ._network import BaseNetworkDenoiser as BaseNetworkDenoiser
