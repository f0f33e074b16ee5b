"""Tables and figures of the paper, measured again."""
