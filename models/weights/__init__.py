"""Weights of the networks: a catalogue, ordered places to fetch them from, and a verified cache."""

from models.weights.resolving import resolve

__all__ = ["resolve"]
