"""What follows from linear equations and bounds, exactly: no floats, no tables, nothing of this room's.

An unknown is any hashable name. `System` gathers what is known of unknowns, `solve` says between which bounds each of
them lies. What could not be judged within the bound on the work is said as a `Limit`, never passed over.
"""

from tracker.publishing.inference.solving import Known, Limit, Solution, solve
from tracker.publishing.inference.systems import ANY, Equation, Interval, System

__all__ = ["ANY", "Equation", "Interval", "Known", "Limit", "Solution", "System", "solve"]
