"""For instructors: chapters as a course hands them out, and what its grading has to know."""
