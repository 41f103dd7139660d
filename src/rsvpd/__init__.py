"""rsvpd: meeting invitations over an API, as a server, a client and a command."""

__version__ = "0.1.0"
