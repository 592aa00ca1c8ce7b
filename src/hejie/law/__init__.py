"""Law as data: calendars, clocks, jurisdiction, entitlements; rules as TOML."""
