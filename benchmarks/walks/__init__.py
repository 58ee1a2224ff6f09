"""Walks through history: how long they take, how that grows, and other libraries on the same walk."""
