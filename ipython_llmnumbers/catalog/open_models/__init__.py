"""Models with open weights: their layers, the types that store them, and what a file says of itself."""
