"""The demo: small servers that stand in for the machines of the example homelab."""
