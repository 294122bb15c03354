"""One way to compile a network for a device."""
