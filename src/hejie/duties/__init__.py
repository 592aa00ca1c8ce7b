"""Background work, one file each: the only ones who talk to wallets and messengers."""
