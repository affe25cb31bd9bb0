"""The cards of the entity page: one file each, found by their `name`."""
