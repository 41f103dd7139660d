"""What is done per resource: handlers of the route table."""
