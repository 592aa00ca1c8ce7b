"""Other cities: our own keys, what they bring us, and how we ask and tell them."""
