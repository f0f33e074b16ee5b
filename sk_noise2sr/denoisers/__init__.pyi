from ._noise2sr import Noise2SR as Noise2SR
