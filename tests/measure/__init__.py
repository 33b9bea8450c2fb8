"""How often the readers are right on material made anew: `python -m tests.measure PART --seeds FIRST-LAST`."""
