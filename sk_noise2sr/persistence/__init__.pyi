from ._file import load as load
from ._file import save as save
from ._provenance import provenance_of as provenance_of
