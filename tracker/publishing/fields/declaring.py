"""How a field is declared: public, withholdable, or internal with a reason; and the reasons that recur."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Public:
    """Released as `field` of rows of `kind`."""

    kind: str
    field: str
    withholdable: bool = False


@dataclass(frozen=True)
class Internal:
    """Never released."""

    reason: str


Declared = dict[str, Public | Internal]


def public(kind: str, /, *names: str, **renamed: str) -> Declared:
    pairs = {n: n for n in names} | renamed
    return {n: Public(kind, told) for n, told in pairs.items()}


def withholdable(kind: str, /, *names: str, **renamed: str) -> Declared:
    pairs = {n: n for n in names} | renamed
    return {n: Public(kind, told, withholdable=True) for n, told in pairs.items()}


def internal(reason: str, *names: str) -> Declared:
    return {name: Internal(reason) for name in names}


KEY = internal("a sequential key would count our rows", "id")
UID = "the random name that addresses and rows carry"
PERSON = "names a person"
CLOCK = "when we recorded it; the journal's entry says it to those who may know"
HASH = "a digest: it proves, and would let short texts be guessed"
WORK = "work in progress: only what is posted, issued or published is public"
PLACE = "joins rows; the released row stands in its release"
TEXT = KEY | internal(HASH, "salt") | internal(PLACE, "erased_by")
