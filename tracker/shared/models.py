"""What tables have in common: a random public name, rows that are only added, text that law may erase."""

import hashlib
import secrets
import uuid
from typing import Any, ClassVar

from django.db import models


class AppendOnlyError(TypeError):
    """A row of an append-only table was about to be changed."""


class PublicId(models.Model):
    """A row with a random identifier. Addresses, files and the journal name the row by it."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)

    class Meta:
        abstract = True


class AppendOnlyQuerySet(models.QuerySet):
    def _refuse(self, *args: object, **kwargs: object) -> Any:
        raise AppendOnlyError(f"{self.model.__name__} rows are never changed.")

    update = delete = bulk_update = update_or_create = _refuse


class AppendOnly(models.Model):
    """A row that is added and never changed. Database triggers have the last word (triggers.py)."""

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise AppendOnlyError(f"{self} is never changed.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        raise AppendOnlyError(f"{self} is never deleted.")


def new_salt() -> str:
    """128 random bits: without it, a digest of a short text could be guessed."""
    return secrets.token_urlsafe(16)


def digest_of(salt: str, *texts: str) -> str:
    """The SHA-256 that an append-only row keeps of texts that may one day have to be erased."""
    hasher = hashlib.sha256()
    for part in (salt, *texts):
        raw = part.encode()
        hasher.update(len(raw).to_bytes(8, "big"))
        hasher.update(raw)
    return hasher.hexdigest()


class ErasableText(models.Model):
    """Names, payees and free text beside an append-only row, which holds their digest.

    Law may require their erasure; the fact stays, and verification accepts “erased by entry N”.
    """

    salt = models.CharField(max_length=32, default=new_salt)
    erased_by = models.ForeignKey(
        "tracker.Entry", on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    TEXTS: ClassVar[tuple[str, ...]] = ()

    class Meta:
        abstract = True

    @property
    def digest(self) -> str:
        return digest_of(self.salt, *(getattr(self, name) for name in self.TEXTS))
