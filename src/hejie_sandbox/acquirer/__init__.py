"""A bank that speaks the acquirers' interface (docs/protocol/acquirer.md), from the other side."""
