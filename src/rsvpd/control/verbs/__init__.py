"""The verbs of the control desk, by what they are about."""
