"""How fast a service is asked, and when it is asked again."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Pace:
    """Requests in batches, and waits that grow.

    Attributes
    ----------
    batch
        Funds that are asked for before a pause.
    workers
        Funds that are asked for at a time.
    pause
        Seconds between batches.
    attempts
        How often a fund is asked for before it is given up.
    first_wait, growth
        Seconds before the second attempt, and the factor from each wait to the next.
    jitter
        Largest share of a wait that is added to it by chance, so that many clients do not come back together.
    seed
        Of that chance.
    timeout
        Seconds for one request.
    """

    batch: int = 20
    workers: int = 4
    pause: float = 1.0
    attempts: int = 4
    first_wait: float = 5.0
    growth: float = 3.0
    jitter: float = 0.25
    seed: int = 0
    timeout: float = 20.0

    def waits(self) -> Iterator[float]:
        """Seconds to wait before the second attempt, the third, and so on to the last."""
        chance = random.Random(self.seed)
        wait = self.first_wait
        for _ in range(self.attempts - 1):
            yield wait * (1.0 + self.jitter * chance.random())
            wait *= self.growth
