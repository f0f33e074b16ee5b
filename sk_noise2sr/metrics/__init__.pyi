from ._fourier import fourier_ring_correlation as fourier_ring_correlation
from ._image import psnr as psnr
from ._image import rmse as rmse
from ._image import ssim as ssim
from ._residual import residual_whiteness as residual_whiteness
from ._scorers import hidden_pixel_scorer as hidden_pixel_scorer
from ._scorers import psnr_scorer as psnr_scorer
from ._scorers import ssim_scorer as ssim_scorer
