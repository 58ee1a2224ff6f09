"""Markets that aggplus keeps: built from a source, brought up to date, whole at any moment."""
