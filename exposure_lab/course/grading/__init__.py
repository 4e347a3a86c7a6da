"""Grading: submissions in, answers run in a sandbox, evidence judged through nbval, marks out."""
