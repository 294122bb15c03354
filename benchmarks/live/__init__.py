"""The daemon, measured as it runs: `make bench-live`, or one of them with `python -m benchmarks.live --only NAME`."""
