from ._figure import save_comparison as save_comparison
from ._history import plot_history as plot_history
from ._index import save_index as save_index
from ._index import thumbnail as thumbnail
from ._page import save_report as save_report
from ._parts import liveliest_part as liveliest_part
from ._parts import scale_bar as scale_bar
from ._results import save_results as save_results
