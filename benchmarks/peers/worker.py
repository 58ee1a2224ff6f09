"""One peer in a process of its own, so that memory is its own and no other's imports or threads disturb it.

    python -m benchmarks.peers.worker TITLE INSTANCE RESULT SECONDS

INSTANCE is a folder with the dates of an instance; the portfolios and timings go into the folder RESULT.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path

import numpy as np

from benchmarks.peers.registry import ROUTES, BatchRoute
from benchmarks.peers.storage import stored
from benchmarks.peers.timing import in_one_call, one_by_one


def main(title: str, instance: Path, result: Path, seconds: float) -> None:
    """Measure one route; what goes wrong in a peer is told in its result.

    Parameters
    ----------
    title : str
    instance, result : Path
    seconds : float
    """
    route, proof = ROUTES[title], None
    try:
        if isinstance(route, BatchRoute):
            timing, portfolios, proof = in_one_call(route, list(stored(instance)), seconds)
        else:
            timing, portfolios = one_by_one(route, stored(instance), seconds)
    except Exception as error:
        # Peers raise whatever they like; the table has a line for it.
        (result / "failed.txt").write_text(f"{type(error).__name__}: {error}")
        return
    np.save(result / "portfolios.npy", np.array(portfolios))
    (result / "timing.json").write_text(json.dumps({"timing": asdict(timing), "proof": proof}))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), float(sys.argv[4]))
