"""Six cities run by one seed: the product's own code on a simulated clock and network, and what must hold."""
