"""The engine for several processes: PostgreSQL 15 and newer. Only `driver` imports psycopg."""
