"""For who makes the book: running chapters, checking their contract, building the site."""
