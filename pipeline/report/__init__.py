"""The report page of a replay: ``content`` says what it shows, ``page`` writes it."""
