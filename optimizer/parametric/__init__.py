"""The parametric engine: the exact path of the optimum in the risk tolerance, by an active set, compiled."""
