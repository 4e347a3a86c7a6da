"""Claims of the report, and the rules that were fixed before the runs they judge."""

OWN_PROFILE = "study"
"""Profile of our scale: its results lie in the folder of all of them, others' in one below it."""
