"""An emulated wallet and SMS provider that speak the real wire from the other side, with their own keys and ledger."""
