"""The store in SQL, by way of SQLAlchemy Core."""
