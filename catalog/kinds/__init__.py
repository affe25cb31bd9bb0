"""The kinds that catalog itself knows: one file each."""
