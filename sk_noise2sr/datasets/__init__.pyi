from ._hrem import make_hrem as make_hrem
from ._movie import make_movie as make_movie
from ._record import record as record
from ._sample import load_sample as load_sample
from ._sample import sample_path as sample_path
from ._stem import make_stem as make_stem
