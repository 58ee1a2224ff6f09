"""One monthly walk, in the way each library's documentation shows."""
