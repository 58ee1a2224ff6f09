"""The optimizer beside the libraries that anyone could pick instead, on one instance, to one answer."""
