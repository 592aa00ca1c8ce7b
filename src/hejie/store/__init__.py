"""Tables, SQL and migrations: the one place that knows PostgreSQL's names."""
