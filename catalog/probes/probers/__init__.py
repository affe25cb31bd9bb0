"""One file for each kind of server that Greenroom knows how to ask."""
