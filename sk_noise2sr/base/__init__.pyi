from ._continue import continue_picture as continue_picture
from ._denoiser import BaseDenoiser as BaseDenoiser
from ._masked import Masked as Masked
from ._network import BaseNetworkDenoiser as BaseNetworkDenoiser
