"""One file per question: ask the catalog and the probes, apply formulas, return an Estimate."""
