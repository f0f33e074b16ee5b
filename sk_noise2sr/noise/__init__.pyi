from ._anscombe import Anscombe as Anscombe
from ._diagnose import Diagnosis as Diagnosis
from ._diagnose import diagnose as diagnose
from ._estimate import NoiseEstimate as NoiseEstimate
from ._estimate import estimate_noise as estimate_noise
from ._poisson_gaussian import PoissonGaussian as PoissonGaussian
