"""What a recording allows and a live camera does not: a look at each track with its future known."""
