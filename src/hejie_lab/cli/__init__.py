"""The lab's own commands; they join the command line by entry point."""
