"""Who has to have seen a checkpoint before it is published: C2SP tlog-policy, a text of four kinds of lines.

log <vkey> [url]
witness <name> <vkey> [url]
group <name> all|any|<k> <witness or group> …
quorum <witness or group>|none
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from tracker.journal.notes import COSIGNATURE, ED25519, BadNote, Verifier

NONE = "none"
MOST = 100  # witnesses and groups together
_WORDS = re.compile(
    r"[ \t]+"
)  # nothing else parts words: a vkey may be pasted with stranger spaces around it


class BadPolicy(ValueError):
    """A policy that cannot be used. Carries a sentence that names the line."""


@dataclass(frozen=True)
class Witness:
    """An outside keeper: the name this policy uses, its key, and where it listens (nowhere: it only verifies)."""

    name: str
    verifier: Verifier
    url: str = ""


@dataclass(frozen=True)
class Group:
    """So many of these have to have cosigned."""

    needed: int
    members: tuple[str, ...]


@dataclass(frozen=True)
class Policy:
    """Trusted logs, known witnesses, and how many of them suffice."""

    logs: tuple[Verifier, ...] = ()
    witnesses: Mapping[str, Witness] = field(default_factory=dict)
    groups: Mapping[str, Group] = field(default_factory=dict)
    quorum: str = NONE

    def met(self, cosigned: Collection[str]) -> bool:
        """Do these witnesses, by their names in the policy, suffice?"""
        return self.quorum == NONE or self._met(self.quorum, cosigned)

    def _met(self, name: str, cosigned: Collection[str]) -> bool:
        group = self.groups.get(name)
        if group is None:
            return name in cosigned
        return sum(self._met(member, cosigned) for member in group.members) >= group.needed

    @property
    def verifiers(self) -> list[Verifier]:
        return [witness.verifier for witness in self.witnesses.values()]

    @classmethod
    def read(cls, text: str) -> "Policy":
        """Names are declared before they are used, so that no group can contain itself."""
        reader = _Reader()
        for number, line in enumerate(text.split("\n"), 1):
            words = _WORDS.split(line.strip(" \t\r"))
            if not words[0] or words[0].startswith("#"):
                continue
            try:
                reader.line(words)
            except (BadNote, BadPolicy) as error:
                raise BadPolicy(f"Line {number} of the policy: {error}") from None
        if reader.quorum is None:
            raise BadPolicy("The policy has no quorum line: end it with “quorum none” or a name.")
        return cls(tuple(reader.logs), reader.witnesses, reader.groups, reader.quorum)


class _Reader:
    def __init__(self) -> None:
        self.logs: list[Verifier] = []
        self.witnesses: dict[str, Witness] = {}
        self.groups: dict[str, Group] = {}
        self.quorum: str | None = None
        self.used: set[str] = set()

    def line(self, words: list[str]) -> None:
        what, *rest = words
        readers = {
            "log": self._log,
            "witness": self._witness,
            "group": self._group,
            "quorum": self._quorum,
        }
        if what not in readers:
            raise BadPolicy(f"“{what}” is none of log, witness, group and quorum.")
        readers[what](rest)

    def _new(self, name: str) -> str:
        if name == NONE or name in self.witnesses or name in self.groups:
            raise BadPolicy(f"the name {name} is taken.")
        if len(self.witnesses) + len(self.groups) >= MOST:
            raise BadPolicy(f"a policy has at most {MOST} witnesses and groups.")
        return name

    def _known(self, name: str) -> str:
        if name not in self.witnesses and name not in self.groups:
            raise BadPolicy(f"{name} was not declared above.")
        return name

    def _log(self, rest: list[str]) -> None:
        if not 1 <= len(rest) <= 2:
            raise BadPolicy("a log has a key and perhaps an address.")
        verifier = Verifier.read(rest[0])
        if verifier.kind != ED25519:
            raise BadPolicy(f"{verifier.name} is not a log's key.")
        if verifier in self.logs:
            raise BadPolicy("this key of a log stands here twice.")
        self.logs.append(verifier)

    def _witness(self, rest: list[str]) -> None:
        if not 2 <= len(rest) <= 3:
            raise BadPolicy("a witness has a name, a key and perhaps an address.")
        verifier = Verifier.read(rest[1])
        if verifier.kind != COSIGNATURE:
            raise BadPolicy(f"{verifier.name} is not a witness's key.")
        for known in (w.verifier for w in self.witnesses.values()):
            # The name is not part of what an Ed25519 cosignature signs: one key under two names is one voice.
            if known.name == verifier.name or known.public == verifier.public:
                raise BadPolicy(f"the key {verifier.name} stands here twice: one key, one voice.")
        url = rest[2].rstrip("/") if len(rest) == 3 else ""
        if url:
            _check_address(url)
        self.witnesses[self._new(rest[0])] = Witness(rest[0], verifier, url)

    def _group(self, rest: list[str]) -> None:
        if len(rest) < 3:
            raise BadPolicy("a group has a name, a number (or all, or any) and members.")
        name, needed, *members = rest
        for member in members:
            if self._known(member) in self.used:
                raise BadPolicy(f"{member} is a member already: nobody counts twice.")
            self.used.add(member)
        self.groups[self._new(name)] = Group(_count(needed, len(members)), tuple(members))

    def _quorum(self, rest: list[str]) -> None:
        if len(rest) != 1 or self.quorum is not None:
            raise BadPolicy("there is one quorum, with one name.")
        self.quorum = rest[0] if rest[0] == NONE else self._known(rest[0])


def _check_address(url: str) -> None:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:  # a port beyond 65,535
        usable = False
    if not usable:
        raise BadPolicy(f"{url} is not the address of a witness (https://…).")


def _count(word: str, members: int) -> int:
    found = {"all": members, "any": 1}.get(word)
    if found is None:
        plain = word.isascii() and word.isdecimal() and not word.startswith("0")
        found = int(word) if plain and len(word) < 5 else 0
    if not 1 <= found <= members:
        raise BadPolicy(f"“{word}” of {members} members cannot be met: write all, any or a number.")
    return found
