from ._collaborative import CollaborativeFilter as CollaborativeFilter
from ._denoiser import BaseDenoiser as BaseDenoiser
from ._network import BaseNetworkDenoiser as BaseNetworkDenoiser
