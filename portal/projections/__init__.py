"""The catalog in the words of other tools: rendered, previewed, compared, served."""
