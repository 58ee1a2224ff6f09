"""One module for each peer: how to bring the instance to it, in the way that its own documentation shows."""
