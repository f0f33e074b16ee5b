from ._image import psnr as psnr
from ._image import rmse as rmse
from ._image import ssim as ssim
from ._residual import residual_whiteness as residual_whiteness
