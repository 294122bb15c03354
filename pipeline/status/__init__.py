"""The daemon's metrics as a person reads them."""
