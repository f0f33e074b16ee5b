from ._figure import save_comparison as save_comparison
from ._parts import liveliest_part as liveliest_part
from ._parts import scale_bar as scale_bar
from ._results import save_results as save_results
