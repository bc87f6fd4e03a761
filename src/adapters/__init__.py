"""Every driver import lives here. Each port has the real adapter and an in-memory twin."""
