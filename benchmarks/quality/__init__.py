"""What of a result can be relied on: defects, error bars, evidence and columns."""
