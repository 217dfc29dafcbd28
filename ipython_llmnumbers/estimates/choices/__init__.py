"""The reverse question: which models fit a machine, and which machines a model fits."""
