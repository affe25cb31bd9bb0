"""What we run: the facts of the catalog. Knows nobody above it."""
