"""Office seals in red ink: found, counted by cell, their rings read."""
