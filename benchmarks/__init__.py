"""Measurements: `make bench` runs all of them; each one also runs alone with `python -m benchmarks.NAME`."""
