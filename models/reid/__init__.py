"""What a person looks like, as a vector."""
