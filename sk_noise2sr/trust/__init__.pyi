from ._evidence import Evidence as Evidence
from ._evidence import evidence_map as evidence_map
from ._thinning import thin_counts as thin_counts
