"""What of an image is no picture: bad pixels, dead lines, regions of one value."""
