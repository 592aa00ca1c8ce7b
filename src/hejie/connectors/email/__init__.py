"""E-mail for people who gave an address instead of a number: one protocol, and SMTP behind it."""
