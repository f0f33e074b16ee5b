from ._bm3d import bm3d as bm3d
from ._nl_bayes import nl_bayes as nl_bayes
from ._show_odd import show_odd as show_odd
from ._wiener import wiener as wiener
