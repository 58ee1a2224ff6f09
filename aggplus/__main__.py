"""`python -m aggplus`."""

from aggplus.command_line import main

main()
