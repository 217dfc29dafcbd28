"""Times, memory and growth, beside other packages in the same run: `make bench`."""
