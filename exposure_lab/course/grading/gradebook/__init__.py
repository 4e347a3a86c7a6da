"""Gradebook: everything that comes out of a grading, as tables, upload files and pages."""
