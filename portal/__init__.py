"""The house and its doors: may look into every room; nobody looks into it.

Imports nothing, so that the supervisor and the settings cost no Django.
"""
