"""Reading on more machines than this one, through a dask cluster; without one, or for what must not leave, at home."""
