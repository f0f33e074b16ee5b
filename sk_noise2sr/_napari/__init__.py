"""The plugin of napari: a panel that denoises layers, and a reader of microscopes' files."""
