"""Pure arithmetic: plain numbers in, plain numbers out, the unit in every name."""
