from ._figure import save_comparison as save_comparison
