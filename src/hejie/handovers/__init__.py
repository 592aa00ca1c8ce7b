"""The hand-over of a dispute from one city to another (移送): a noun that both cities keep, each its own side of it."""
