"""One closed section of the configuration per file."""
