"""Measured facts: what this machine counts or reads itself."""
