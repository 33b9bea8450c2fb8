"""Our letters: what they say, which wait for a person, how they are delivered."""
