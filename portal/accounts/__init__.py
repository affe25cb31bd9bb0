"""Logins: set-up, invites, roles, and the User entity behind each."""
