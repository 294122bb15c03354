"""Tracking by detection, online and pure: no I/O, no clock, no globals."""
