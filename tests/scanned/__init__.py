"""Scanned forms in wide variety, read and compared: `make measure`."""
