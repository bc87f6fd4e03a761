"""The HTTP API: routes by noun, and nothing but the way in and out."""
