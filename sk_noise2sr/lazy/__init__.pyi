from ._cluster import denoise_on_cluster as denoise_on_cluster
from ._dask import transform_lazily as transform_lazily
from ._movie import denoise_frames as denoise_frames
from ._signal import denoise_signal as denoise_signal
