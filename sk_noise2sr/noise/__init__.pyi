from ._poisson_gaussian import PoissonGaussian as PoissonGaussian
