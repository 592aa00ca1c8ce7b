"""The national 12315 platform as we would speak to it: our own interface, since no national one is published."""
