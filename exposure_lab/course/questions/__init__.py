"""The questions of the chapters, one file each; `course.checks` says how one is written."""
