"""What anybody can check of a city's log without trusting it: signed notes, tiles, witnesses, a consumer's proof."""
