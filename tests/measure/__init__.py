"""How often the readers are right on material made anew: `make measure ARGS="PART --seeds FIRST-LAST"`."""
