"""The national 12315 platform from the other side: hand-offs by our documented interface, and the desk that decides."""
