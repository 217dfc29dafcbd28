"""A lesson from one source: the student's notebook, the teacher's, slides, sheets to print and to grade."""
