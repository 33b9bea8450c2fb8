"""A mail understood: its tree of parts, its names and words, what it wants, who must not be answered."""
