"""How a figure is measured and printed."""

import statistics
import time
from collections.abc import Callable

ROUNDS = 5
Act = Callable[[], object]


def once(act: Act) -> float:
    start = time.perf_counter()
    act()
    return time.perf_counter() - start


def seconds(act: Act, rounds: int = ROUNDS) -> float:
    """The median wall time of one call, after one call that does not count."""
    act()
    return statistics.median(once(act) for _ in range(rounds))


def alternating(*acts: Act, rounds: int = ROUNDS) -> list[float]:
    """The median wall time of each, measured in turns: what else this machine does disturbs all of them alike."""
    for act in acts:
        act()
    taken: list[list[float]] = [[] for _ in acts]
    for _ in range(rounds):
        for act, times in zip(acts, taken, strict=True):
            times.append(once(act))
    return [statistics.median(times) for times in taken]


def say(what: str, figure: str, against: str = "") -> None:
    print(f"{what:62} {figure:>16}  {against}", flush=True)
