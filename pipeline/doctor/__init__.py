"""Is this machine ready to watch the site? One file a kind of check; ``examination`` makes them all."""
