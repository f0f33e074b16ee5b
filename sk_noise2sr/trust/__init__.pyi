from ._columns import measure_columns as measure_columns
from ._error_bars import ErrorBars as ErrorBars
from ._evidence import Evidence as Evidence
from ._evidence import evidence_map as evidence_map
from ._thinning import thin_counts as thin_counts
