"""A consumer dispute (消费纠纷): nine states, what may happen in each, and what follows."""
