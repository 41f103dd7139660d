"""Wire names and values: property tables, and what is made of them."""
