"""How a Backstage is set up, and so what it takes: one file for each form."""
