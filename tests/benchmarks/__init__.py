"""Figures, printed as ratios against a limit; never asserted."""
