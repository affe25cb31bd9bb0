"""A real Backstage to test against: its backend and its client, from npm packages."""
