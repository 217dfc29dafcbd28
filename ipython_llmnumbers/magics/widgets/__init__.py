"""Displays with controls, made with ipywidgets."""
