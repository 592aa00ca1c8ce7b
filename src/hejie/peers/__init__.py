"""Other cities: what we ask and tell them, what they bring us, and what each sees of the others' logs."""
