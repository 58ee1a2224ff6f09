"""What a command's end says to the shell."""

DONE, FAULT, BAD, INFEASIBLE = 0, 1, 2, 3
"""Exit codes."""

EXIT = {"solved": DONE, "failed": FAULT, "infeasible": INFEASIBLE}
"""Exit code by the status of a portfolio, an explanation or a frontier."""

NEEDS_SOLVE = 10
"""A check found a model that needs a solve; cron can act on it."""

DISAGREES = 4
"""A ledger that is not what was written, or a replay that comes out differently: neither bad input nor a crash."""

INTERRUPTED = 130
"""Stopped by the user, as shells have it: 128 + SIGINT."""
