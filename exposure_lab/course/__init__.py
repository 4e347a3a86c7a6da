"""All that knows notebooks: running chapters, checking answers, building the book."""
