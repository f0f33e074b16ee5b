from ._file import load as load
from ._file import save as save
