"""What we know by heart: documents in Markdown, made into safe HTML."""
