"""One file for each kind of server that the demo can stand in for."""
