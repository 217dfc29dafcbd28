"""A model over all of a machine: its GPUs, and its RAM where they are too small.

`split.py` decides who holds which layers, `held.py` says what that takes of each, `passing.py` how long a
token takes through all of them, `machine.py` puts them together.
"""
