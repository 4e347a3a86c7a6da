"""Claims of the report, and the rules that were fixed before the runs they judge."""
