"""How the portfolio is narrowed. The nature of the figures is not a filter: it is a tab, and always exactly one."""

from tracker.programs.filters import ProgramFilter


class PortfolioFilter(ProgramFilter):
    nature = None
