from ._figure import save_comparison as save_comparison
from ._results import save_results as save_results
