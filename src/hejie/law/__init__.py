"""The law as dated data: calendars, rules, the clock that counts by them, and who is competent."""
