"""The one reader of environment variables. It is typed and fails loudly, naming the variable."""

import os


class BadSetting(Exception):
    """An environment variable holds something that we cannot use."""


def text(name: str, default: str) -> str:
    return os.environ.get(name, default)


def flag(name: str, default: bool) -> bool:
    raw = os.environ.get(name)
    if raw is None:
        return default
    if raw.lower() in {"1", "true", "yes", "on"}:
        return True
    if raw.lower() in {"0", "false", "no", "off", ""}:
        return False
    raise BadSetting(f"{name} is {raw!r}: write true or false.")


def number(name: str, default: int) -> int:
    raw = os.environ.get(name)
    if raw is None:
        return default
    try:
        return int(raw)
    except ValueError:
        raise BadSetting(f"{name} is {raw!r}: write a whole number.") from None


def words(name: str, default: list[str]) -> list[str]:
    """A comma-separated list; blanks around the commas do not count."""
    raw = os.environ.get(name)
    if raw is None:
        return default
    return [word.strip() for word in raw.split(",") if word.strip()]


def secret(name: str, *, for_development: str, production: bool) -> str:
    """A secret must be given in production; elsewhere a known one will do."""
    raw = os.environ.get(name, "")
    if raw:
        return raw
    if production:
        raise BadSetting(f"{name} is not set: production needs its own secret.")
    return for_development
