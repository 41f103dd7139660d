"""What the people who run the server do: seed, people, doctor."""
