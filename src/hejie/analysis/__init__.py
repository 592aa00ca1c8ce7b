"""What is found out from many records at once, by heavy libraries that the core does without (the extra `analysis`)."""
