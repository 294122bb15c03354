"""The daemon: cameras to database, day and night."""
