"""Files that hold files: zip, 7z, rar, tar, winmail.dat, within budgets."""
