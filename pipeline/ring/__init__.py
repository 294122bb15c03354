"""Frames in shared memory: written by a reader process, leased by the daemon, looked at by a device worker."""
