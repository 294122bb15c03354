"""What a replay found, as a page and pictures."""
