"""Scores against ground truth, by the field's own definitions."""
