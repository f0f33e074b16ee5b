"""Clean images by multislice."""
