"""The lab: demo, traffic, generators; it may import the product and the sandbox, and neither knows it."""
