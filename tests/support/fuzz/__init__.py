"""Fuzzing: mutations of real requests of all dialects, and what a server must answer to them."""
