"""Configuration of a site: one error tree, frozen settings, and where each value came from."""
