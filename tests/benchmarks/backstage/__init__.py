"""Greenroom and a real Backstage side by side, on one machine and in one run."""
