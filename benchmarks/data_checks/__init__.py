"""How good the data checks are: errors planted in a real market, and what is found where none was planted."""
