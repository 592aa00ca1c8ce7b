"""What every rule stands on: money, identifiers, the clock, errors, seals."""
