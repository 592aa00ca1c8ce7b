"""Machine translation: one protocol, whichever engine an operator supplies."""
