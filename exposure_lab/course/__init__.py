"""For students and instructors: questions, and checks of the answers."""
