from ._atomic import replacing as replacing
from ._calibration import Calibration as Calibration
from ._files import check_target as check_target
from ._files import read_image as read_image
from ._files import write_image as write_image
