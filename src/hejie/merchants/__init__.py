"""One merchant behind many payment tools: its shops, people, standing rules and authorities."""
