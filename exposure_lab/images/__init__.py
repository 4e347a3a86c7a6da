"""A picture as an array, a photo as a file."""
