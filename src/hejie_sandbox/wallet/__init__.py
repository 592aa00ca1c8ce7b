"""The emulated wallet: its gateway, its methods and its cases."""
