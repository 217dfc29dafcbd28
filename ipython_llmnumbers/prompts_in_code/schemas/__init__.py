"""The JSON Schemas that libraries write of the classes and functions of a notebook."""
