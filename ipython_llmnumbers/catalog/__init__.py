"""Published facts: every row names its source and the day it was checked."""
