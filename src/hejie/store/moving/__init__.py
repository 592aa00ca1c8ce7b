"""A city on its way to another installation: the mark, its tables, the one file, and what must fit where it arrives."""
