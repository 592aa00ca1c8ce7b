"""The open platform: callbacks in, and JSON for those who act by programme."""
