"""Secrets by reference: which names there are, and where each may be sent."""
