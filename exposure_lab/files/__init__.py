"""Writing and reading files so that nothing is lost and nothing hostile is taken."""
