"""Asks each service how it is, and says where the declaration is not true."""
