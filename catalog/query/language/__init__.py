"""The one query language: text in, a tree, and what is true of every entity."""
