"""How far an image can be binned: where its spectrum ends, and what would be lost."""
