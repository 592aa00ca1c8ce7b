"""One folder per outside system; each speaks that system's own wire behind one protocol."""
