from ._anscombe import AnscombeTransformer as AnscombeTransformer
from ._background import BackgroundNormalizer as BackgroundNormalizer
from ._hot_pixels import HotPixelFilter as HotPixelFilter
from ._one_pass import OnePassDenoiser as OnePassDenoiser
from ._scaler import IntensityScaler as IntensityScaler
from ._scan_lines import ScanLineCorrector as ScanLineCorrector
from ._transformed import TransformedDenoiser as TransformedDenoiser
from ._transformed import make_denoising_pipeline as make_denoising_pipeline
