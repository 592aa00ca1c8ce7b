"""Six cities run by one seed: the product's own code, on a simulated clock and network, with crashes; and what must hold."""
