"""Meetings as values: events, series, recurrence, free/busy. Pure."""
