"""The daemon as a service: what it says to systemd."""
