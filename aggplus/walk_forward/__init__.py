"""Models walked through history, point in time: what they would have held, earned, traded and decided."""

from aggplus.walk_forward.track_record import Miss, PayOut, Rebalance, TrackRecord
from aggplus.walk_forward.walk import walk_forward, walk_together

__all__ = ["Miss", "PayOut", "Rebalance", "TrackRecord", "walk_forward", "walk_together"]
