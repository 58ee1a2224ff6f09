"""How likely a fund's close repeats the one before, by its habit and by what its peers do on the day.

A thin fund repeats its last close often, a liquid one hardly ever, and less the more its peers move. The chance is a
logistic regression on the fund's own rates of unchanged closes (over a year, over a month, and of runs that go on), its
noise, and the move that its peers say. Its coefficients were fitted once, to the 240 fixed-income ETFs of 2007 to 2015
(`python -m benchmarks.data_checks.habit`). Within a run all rates stay as they were before it, so that a run does not
make itself likely.
"""

from __future__ import annotations

import numba
import numpy as np

from universe.checks.evidence import Evidence
from universe.checks.returns import Floats, Ints

COEFFICIENTS = (0.021, 1.882, -0.157, -0.020, -0.217, -0.043, 0.225, 0.319, 0.034, 0.110, -0.038, 0.127)
INTERCEPT = -0.300

_YEAR, _MONTH, _RUNS = 250.0, 21.0, 60.0
"""Half-lives of the rates: in days, in days, and in unchanged closes."""
_USUAL, _PRIOR_DAYS = 0.03, 30.0
"""Rate of unchanged closes before anything is known of a fund, and how many days it counts for."""
_LONGEST_MOVE = 5.0
_LONGEST_RUN = 5.0


def features(evidence: Evidence) -> Floats:
    """What the chance of an unchanged close is read from, shape (sessions, funds, 12).

    Parameters
    ----------
    evidence
        Of a market.
    """
    changes, peers = evidence.changes, evidence.peers
    noise = np.where(np.isnan(peers.noise), 1e-3, peers.noise)
    rates = _rates(changes.change, changes.span, noise)
    year, month, on, frozen, run = (rates[..., k] for k in range(5))
    a, b, c, n = _logit(year), _logit(month), _logit(on), np.log(frozen)
    pull = np.minimum(np.abs(np.nan_to_num(peers.expected)) / frozen, _LONGEST_MOVE)
    begins = (run == 0).astype(float)
    longer = np.minimum(run, _LONGEST_RUN)
    return np.stack([a, b, c, n, pull, begins, longer, a * pull, begins * c, b * b, c * c, n * b], axis=-1)


def surprise(evidence: Evidence) -> Floats:
    """Powers of ten against an unchanged close on each day, shape (sessions, funds); 0 where peers cannot tell.

    Parameters
    ----------
    evidence
        Of a market.
    """
    odds = features(evidence) @ np.array(COEFFICIENTS) + INTERCEPT
    return np.where(np.isnan(evidence.peers.noise), 0.0, np.logaddexp(0.0, -odds) / np.log(10.0))


def _logit(rate: Floats) -> Floats:
    kept = np.clip(rate, 1e-4, 0.999)
    return np.asarray(np.log(kept / (1.0 - kept)))


@numba.njit(cache=True)
def _rates(change: Floats, span: Ints, noise: Floats) -> Floats:
    """Rates of unchanged closes over a year and a month and of runs that go on, noise, and length of the run so far.

    All as they were before the day, or before the run where the day before was unchanged.
    """
    sessions, funds = change.shape
    out = np.zeros((sessions, funds, 5))
    slow, fast, lasting = 0.5 ** (1.0 / _YEAR), 0.5 ** (1.0 / _MONTH), 0.5 ** (1.0 / _RUNS)
    for i in range(funds):
        still, days = 0.0, 0.0
        still_lately, days_lately = 0.0, 0.0
        went_on, could = 0.0, 0.0
        run = 0
        for t in range(sessions):
            if run > 0:
                for k in range(4):
                    out[t, i, k] = out[t - 1, i, k]
            else:
                year = (still + _USUAL * _PRIOR_DAYS) / (days + _PRIOR_DAYS)
                out[t, i, 0] = year
                out[t, i, 1] = (still_lately + 5.0 * year) / (days_lately + 5.0)
                out[t, i, 2] = (went_on + 8.0 * (year + 0.02)) / (could + 8.0)
                out[t, i, 3] = noise[t, i]
            out[t, i, 4] = run
            if span[t, i] == 0:
                # A gap in a run leaves it as it is.
                continue
            unchanged = 1.0 if change[t, i] == 0.0 else 0.0
            if run > 0:
                went_on, could = lasting * went_on + unchanged, lasting * could + 1.0
            still, days = slow * still + unchanged, slow * days + 1.0
            still_lately, days_lately = fast * still_lately + unchanged, fast * days_lately + 1.0
            run = run + 1 if unchanged > 0.0 else 0
    return out
