"""Other cities: what we ask of them and what they may ask of us."""
