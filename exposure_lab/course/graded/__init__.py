"""Graded questions, which a release draws variants of and the grader judges."""
