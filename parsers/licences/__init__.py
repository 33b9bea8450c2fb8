"""Certificates of who a unit is and of honours: told apart, read, their codes checked."""
