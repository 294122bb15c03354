"""Where the weights of a network come from, and how they are brought to this machine."""
