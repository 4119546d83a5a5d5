"""The steps that a page of a recommendation offers: what a step is, and those about plans, time and risk."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tracker.accounts.models import User
from tracker.audits import actions, policies
from tracker.audits.forms.parts import StepForm
from tracker.audits.forms.plans import MarkForm, MoreTimeForm, PlanForm, RiskForm
from tracker.audits.models import Recommendation


@dataclass(frozen=True)
class Verb:
    """A step that somebody can take: its form, its rule, its action, and its words."""

    form: type[StepForm]
    check: Callable[[User, Recommendation], None]
    action: Callable[..., Any]
    title: str
    submit: str
    follows: str
    done: str
    danger: bool = False


OWNERS_VERBS = {
    "plan": Verb(
        PlanForm,
        policies.check_can_plan_action,
        actions.state_plan,
        "State the corrective action plan",
        "State the plan",
        "The auditors are told. A later version is added to it; this one stays readable.",
        "The plan is stated.",
    ),
    "ask_time": Verb(
        MoreTimeForm,
        policies.check_can_ask_for_time,
        actions.ask_for_more_time,
        "Ask for more time",
        "Ask for more time",
        "The auditors grant or decline it. Until then the due date stays; the first one always does.",
        "The auditors are asked for more time.",
    ),
    "ask_risk": Verb(
        RiskForm,
        policies.check_can_ask_risk,
        actions.ask_to_accept_risk,
        "Ask to accept the risk",
        "Ask to accept the risk",
        "An approver of your side accepts or declines. It closes nothing, and ends on its day.",
        "An approver of the owner is asked to accept the risk.",
    ),
    "mark": Verb(
        MarkForm,
        policies.check_can_mark,
        actions.mark_significant,
        "Mark how significant it is",
        "Save the mark",
        "The office's lists and reports show it. Nothing else changes.",
        "The mark is saved.",
    ),
}
