"""The model catalog of Red Hat's bridge: its JSON to entities of ours, and back."""
