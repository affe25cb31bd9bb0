"""The ways to read documents: one file each."""
