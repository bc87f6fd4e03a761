"""The real servers, from wheels, under one folder: PostgreSQL, NATS with JetStream, S3."""
