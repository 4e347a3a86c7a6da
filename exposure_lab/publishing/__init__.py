"""Making the book: run the chapters, check their contract, build the site."""
