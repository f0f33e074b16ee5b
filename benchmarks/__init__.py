"""What the figures of the documentation come from; see README.md."""
