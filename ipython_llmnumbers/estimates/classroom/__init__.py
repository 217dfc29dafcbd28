"""A class on the numbers: the quiz and its codes, the exercises, the student's own essay."""
