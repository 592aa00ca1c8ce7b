"""Several cities on one machine, each a real installation of its own, and what happens between them."""
