from ._collaborative import CollaborativeFilter as CollaborativeFilter
from ._mixture import with_mixture as with_mixture
from ._odd import with_odd_places as with_odd_places
from ._over_time import Around as Around
from ._over_time import along_time as along_time
from ._over_time import residual as residual
from ._passes import REFINE as REFINE
from ._passes import number_of_passes as number_of_passes
