"""The least and the most that an unknown can be: the simplex method over whole numbers, with Bland's rule.

The tableau is kept without fractions (Edmonds): every number is a determinant over the last pivot, and every division
comes out even. For small systems.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm

from tracker.publishing.inference.elimination import Work
from tracker.publishing.inference.systems import ANY, Equation, Interval, Number

Column = tuple[Hashable, int]  # an unknown and the sign with which the column stands for it


@dataclass
class Program:
    """Columns of zero or more that stand for the unknowns; a row per equation and per span between two bounds."""

    columns: list[Column]
    shifts: dict[Hashable, Number]
    rows: list[list[int]]  # the last number is the right side


def extremes(
    equations: Sequence[Equation],
    bounds: Mapping[Hashable, Interval],
    wanted: Sequence[Hashable],
    work: Work,
) -> dict[Hashable, Interval] | None:
    """None where no values can make all equations true. `TooMuch` where there is more to do than allowed."""
    names = list(dict.fromkeys(n for e in equations for n in e.terms))
    program = _program(equations, {name: bounds.get(name, ANY) for name in names})
    tableau = Tableau.feasible(program.rows, len(program.columns), work)
    if tableau is None:
        return None
    found = {}
    for name in wanted:
        if name not in program.shifts:
            continue
        aim = [sign if named == name else 0 for named, sign in program.columns]
        most, less = tableau.most(aim), tableau.most([-factor for factor in aim])
        shift = program.shifts[name]
        found[name] = Interval(
            None if less is None else shift - less, None if most is None else shift + most
        )
    return found


def _program(equations: Sequence[Equation], bounds: Mapping[Hashable, Interval]) -> Program:
    columns: list[Column] = []
    shifts: dict[Hashable, Number] = {}
    spans: list[tuple[int, Number]] = []
    for name, (low, high) in bounds.items():
        shifts[name] = low if low is not None else high if high is not None else 0
        if low is not None and high is not None:
            spans.append((len(columns), high - low))
        if low is None and high is None:
            columns += [(name, 1), (name, -1)]
        else:
            columns.append((name, 1 if low is not None else -1))
    slacks: list[Column] = [(("span", column), 1) for column, _ in spans]
    rows = []
    for equation in equations:
        shifted = equation.value - sum(f * shifts[n] for n, f in equation.terms.items())
        row: list[Number] = [equation.terms.get(name, 0) * sign for name, sign in columns]
        rows.append(_whole([*row, *([0] * len(slacks)), shifted]))
    for number, (column, width) in enumerate(spans):
        row = [0] * (len(columns) + len(slacks))
        row[column] = row[len(columns) + number] = 1
        rows.append(_whole([*row, width]))
    return Program(columns + slacks, shifts, rows)


def _whole(row: Sequence[Number]) -> list[int]:
    """Times the smallest number that makes it whole; the right side is not negative."""
    scale = lcm(*(Fraction(number).denominator for number in row))
    sign = -1 if row[-1] < 0 else 1
    return [int(number * scale) * sign for number in row]


class Tableau:
    """Rows solved for the columns in `basis`. Every number is to be divided by `by`."""

    def __init__(self, rows: list[list[int]], basis: list[int], work: Work):
        self.rows, self.basis, self.by, self.work = rows, basis, 1, work

    @classmethod
    def feasible(cls, rows: list[list[int]], columns: int, work: Work) -> "Tableau | None":
        """With a first corner, found by driving one helper column per row to zero; None where there is none."""
        count = len(rows)
        helped = [
            [*row[:-1], *(int(n == number) for n in range(count)), row[-1]]
            for number, row in enumerate(rows)
        ]
        tableau = cls(helped, [columns + n for n in range(count)], work)
        if tableau.most([0] * columns + [-1] * count) != 0:
            return None
        tableau._drop_helpers(columns)
        return tableau

    def _drop_helpers(self, columns: int) -> None:
        """Helpers that are still in the basis stand at zero: another column takes their place, or the row says nothing."""
        for number in range(len(self.rows)):
            if self.basis[number] >= columns:
                column = next((c for c in range(columns) if self.rows[number][c]), None)
                if column is not None:
                    self._pivot(number, column)
        kept = [n for n, column in enumerate(self.basis) if column < columns]
        self.rows = [[*self.rows[n][:columns], self.rows[n][-1]] for n in kept]
        self.basis = [self.basis[n] for n in kept]

    def most(self, aim: Sequence[int]) -> Fraction | None:
        """The most that the aim can come to; None where it has no bound. The tableau stays at that corner."""
        while True:
            price = self._prices(aim)
            column = next((c for c, p in enumerate(price[:-1]) if p * self._sign > 0), None)
            if column is None:
                return Fraction(-price[-1], self.by)
            row = self._leaving(column)
            if row is None:
                return None
            self._pivot(row, column)

    @property
    def _sign(self) -> int:
        return 1 if self.by > 0 else -1

    def _prices(self, aim: Sequence[int]) -> list[int]:
        """By how much the aim grows with each column; the last is minus what it comes to now. Over `by`."""
        price = [factor * self.by for factor in aim] + [0]
        for row, column in zip(self.rows, self.basis, strict=True):
            if factor := aim[column]:
                price = [p - factor * number for p, number in zip(price, row, strict=True)]
        self.work.spend(len(price))
        return price

    def _leaving(self, column: int) -> int | None:
        """Bland: of the rows that allow the least, the one whose column comes first. So it never goes round in circles."""
        found: tuple[Fraction, int, int] | None = None
        for number, row in enumerate(self.rows):
            if row[column] * self._sign > 0:
                one = (Fraction(row[-1], row[column]), self.basis[number], number)
                found = one if found is None or one < found else found
        return None if found is None else found[2]

    def _pivot(self, at: int, column: int) -> None:
        chosen = self.rows[at]
        pivot = chosen[column]
        self.work.spend(len(self.rows) * len(chosen))
        for number, row in enumerate(self.rows):
            if number != at:
                factor = row[column]
                self.rows[number] = [
                    (mine * pivot - factor * theirs) // self.by
                    for mine, theirs in zip(row, chosen, strict=True)
                ]
        self.by, self.basis[at] = pivot, column
