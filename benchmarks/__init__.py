"""Timings, run by `make bench`; never asserted on in tests."""
