"""The criteria that the catalog itself gives, one file for each sort."""
