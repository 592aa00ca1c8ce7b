"""A city's dated settings, the due times that follow from them, and division codes."""
