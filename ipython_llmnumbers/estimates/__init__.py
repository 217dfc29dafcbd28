"""A folder for each question: ask the catalog and the probes, apply formulas, return an Estimate."""
