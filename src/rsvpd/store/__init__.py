"""The data file: one writer, many readers, one transaction per command."""
