"""A campaign in miniature on embedded parts; the service it shows is the one that `serve` runs."""
