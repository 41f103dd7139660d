"""One request and its answer: what every resource needs of it."""
