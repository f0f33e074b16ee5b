"""Choices without a clean image, defects, noise of scans."""
