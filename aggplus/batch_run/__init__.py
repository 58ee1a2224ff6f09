"""Many models through history, or on one day: shared out among processes or machines, kept as they are done.

>>> from aggplus.batch_run import WalkThrough, crew_of, run_batch
>>> with crew_of(workers=2) as crew:  # doctest: +SKIP
...     result = run_batch(models, market, WalkThrough.between(market, "2016-01-04", "2024-01-31"), crew)
>>> result.returns, result.table  # doctest: +SKIP
"""

from aggplus.batch_run.batch import BatchStopped, run_batch
from aggplus.batch_run.crew import Alone, Crew, Processes
from aggplus.batch_run.folder import ResultsFolder
from aggplus.batch_run.outcome import Fault, Finished, Outcome
from aggplus.batch_run.recruiting import crew_of
from aggplus.batch_run.result import BatchResult
from aggplus.batch_run.task import SolveOn, Task, WalkThrough

__all__ = [
    "Alone",
    "BatchResult",
    "BatchStopped",
    "Crew",
    "Fault",
    "Finished",
    "Outcome",
    "Processes",
    "ResultsFolder",
    "SolveOn",
    "Task",
    "WalkThrough",
    "crew_of",
    "run_batch",
]
