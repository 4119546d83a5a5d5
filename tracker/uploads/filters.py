"""The filters of the list of uploads, and of the rows of one."""

import django_filters as filters
from django.db.models import Q, QuerySet

from tracker.ledger.models import TransactionKind
from tracker.uploads.models import RowState, Upload, UploadRow, UploadStatus


class UploadFilter(filters.FilterSet):
    q = filters.CharFilter(method="search", label="File, source or voucher")
    status = filters.ChoiceFilter(choices=UploadStatus.choices, label="State", empty_label="All")

    def search(self, rows: QuerySet[Upload], name: str, value: str) -> QuerySet[Upload]:
        found = Q(file_name__icontains=value) | Q(source__icontains=value)
        return rows.filter(found | Q(voucher__number__icontains=value))


class RowFilter(filters.FilterSet):
    q = filters.CharFilter(method="search", label="Line, code, reference, payee or words")
    state = filters.ChoiceFilter(choices=RowState.choices, label="State", empty_label="All")
    kind = filters.ChoiceFilter(choices=TransactionKind.choices, label="Kind", empty_label="All")

    def search(self, rows: QuerySet[UploadRow], name: str, value: str) -> QuerySet[UploadRow]:
        found = Q(line=int(value)) if value.isdecimal() and len(value) < 10 else Q()
        for column in ("program_code", "program_name", "reference", "payee", "description"):
            found |= Q(**{f"{column}__icontains": value})
        return rows.filter(found)
