"""Real micrographs, which nobody has a clean image of."""
