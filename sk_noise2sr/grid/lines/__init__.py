"""Scan lines that are too bright or too dark as a whole, or displaced."""
