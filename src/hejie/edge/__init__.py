"""What pages and the open platform share: hostile input, sessions, problems, limits."""
