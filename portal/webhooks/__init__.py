"""Outgoing webhooks: what happens here is posted to addresses, signed and retried."""
