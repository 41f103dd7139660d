"""Wire names and values: property tables, profiles, and what is made of them."""
