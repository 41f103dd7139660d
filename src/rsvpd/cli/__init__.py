"""The commands rsvpd and rsvp."""
