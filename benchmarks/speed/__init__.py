"""Seconds, memory, and what they buy."""
