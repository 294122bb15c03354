"""From frames to trajectories: capture, tracking, replay, evaluation and the command line."""
