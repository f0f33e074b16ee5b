from ._context import Context as Context
from ._context import Link as Link
from ._context import linked as linked
from ._motion import moved as moved
from ._motion import refined_step as refined_step
from ._neighbours import Neighbours as Neighbours
from ._neighbours import surround as surround
from ._windows import sliding as sliding
