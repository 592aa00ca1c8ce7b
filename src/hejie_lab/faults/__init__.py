"""The fault run: disputes of every kind, while processes are killed and every fault of the wallet is on."""
