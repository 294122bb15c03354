"""A recording, from its file to trajectories in a database."""
