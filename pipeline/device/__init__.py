"""Device workers: one process a device, which looks at the frames of many cameras."""
