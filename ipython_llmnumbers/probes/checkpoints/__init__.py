"""The headers of weight files, and modules in memory: sizes read, never a weight."""
