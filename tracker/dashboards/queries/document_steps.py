"""What waits of documents: waivers to decide on, and documents that posted vouchers still owe."""

from datetime import date

from tracker.accounts.models import User
from tracker.dashboards import addresses
from tracker.dashboards.queries.items import (
    Group,
    Item,
    days_since,
    due_on,
    group_of,
    say_day,
    short,
    waited,
)
from tracker.dashboards.queries.money_steps import about
from tracker.ledger.models import Waiver
from tracker.ledger.queries import documents_owed, for_list, waivers_waiting_for


def to_decide(user: User, day: date) -> Group:
    """Waivers that somebody else asked for, on vouchers in which the person had no hand."""

    def say(waiver: Waiver) -> Item:
        days = days_since(waiver.requested_at, day)
        asker, when = waiver.requested_by.name, say_day(waiver.requested_at)
        why = (
            f"{about(waiver.voucher)} · asked for by {asker} on {when}: “{short(waiver.text.reason, 60)}” "
            f"· once granted, it counts until {say_day(waiver.expires_on)}"
        )
        lacks = waiver.get_requirement_display()
        what = f"Grant or decline: voucher {waiver.voucher.number} without {lacks}"
        return Item(what, addresses.of_voucher(waiver.voucher), why, *waited(days), days)

    rows = for_list(waivers_waiting_for(user)).select_related("voucher__upload")
    rows = rows.order_by("requested_at", "pk")
    return group_of("Waivers to decide on", rows, say, f"{addresses.WAIVERS}?standing=asked")


def to_supply(user: User, day: date) -> Group:
    """What is posted on a waiver and lacks its document still: overdue ones first."""

    def say(waiver: Waiver) -> Item:
        why = f"{about(waiver.voucher)} · posted without it, on a waiver · supplying it settles the waiver"
        what = f"Supply {waiver.get_requirement_display()} to voucher {waiver.voucher.number}"
        where = addresses.of_voucher(waiver.voucher)
        late = days_since(waiver.expires_on, day)
        return Item(what, where, why, *due_on(waiver.expires_on, day), late)

    rows = for_list(documents_owed(user, day)).select_related("voucher__upload")
    rows = rows.order_by("expires_on", "pk")
    return group_of("Documents to supply", rows, say, f"{addresses.WAIVERS}?standing=overdue")
