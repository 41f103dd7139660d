"""What goes on after a request was answered, and what leaves the server."""
