"""The API asked by a machine that reads its description: `python -m tests.api_fuzz`."""
