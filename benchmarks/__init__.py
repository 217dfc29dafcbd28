"""What is timed and compared. A package, so that none of that name elsewhere is meant."""
