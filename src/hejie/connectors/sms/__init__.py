"""Text messages: one protocol, whichever provider a city has."""
