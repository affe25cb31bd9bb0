"""The tools that the catalog is rendered for: one file each."""
