"""The colour of noise: how strong it is at each frequency, and what passes for it."""
