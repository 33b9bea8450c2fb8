"""What the office hands on: tables, lists, covers, folders, archives, the later stages."""
