"""Where entities come from: sources, planning a change, applying it in one step."""
