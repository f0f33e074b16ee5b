"""Other people's denoisers, each in an environment of its own, on the same noisy images."""
