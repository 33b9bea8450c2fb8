"""Pages that are looked at: set upright and flat, ruled or not, recognised, read as forms."""
