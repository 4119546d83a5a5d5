"""The public site has its own words for codes, because it may not import the rooms that own the codes."""

import pytest

from tracker.audits.models import (
    EngagementKind,
    EngagementStatus,
    RecommendationState,
    Response,
    Severity,
    Stance,
    Standard,
)
from tracker.ledger.models import (
    CertificationSide,
    DiscrepancyKind,
    DiscrepancyStatus,
    Method,
    Provenance,
    TransactionKind,
    ValuationBasis,
    Verdict,
    WaiverCategory,
)
from tracker.programs.models import (
    Grade,
    KindOfAid,
    Nature,
    ObjectiveLevel,
    ParticipantRole,
    ProgramStatus,
    Qualifier,
)
from tracker.public import rows, words
from tracker.publishing.fields import RELEASED
from tracker.publishing.models import Category, ReportKind
from tracker.results.models import Direction, TargetKind, Verification

SAME = [
    (words.NATURES, Nature),
    (words.KINDS_OF_AID, KindOfAid),
    (words.STATUSES, ProgramStatus),
    (words.DIRECTIONS, Direction),
    (words.VERIFICATIONS, Verification),
    (words.TARGET_KINDS, TargetKind),
    (words.TRANSACTION_KINDS, TransactionKind),
    (words.PROVENANCES, Provenance),
    (words.VALUATIONS, ValuationBasis),
    (words.METHODS, Method),
    (words.VERDICTS, Verdict),
    (words.DISCREPANCIES, DiscrepancyKind),
    (words.DISCREPANCY_STATES, DiscrepancyStatus),
    (words.SIDES, CertificationSide),
    (words.QUALIFIERS, Qualifier),
    (words.GRADES, Grade),
    (words.SEVERITIES, Severity),
    (words.ENGAGEMENT_KINDS, EngagementKind),
    (words.ENGAGEMENT_STATES, EngagementStatus),
    (words.STANCES, Stance),
    (words.STANDARDS, Standard),
    (words.RESPONSES, Response),
    (words.STATES, RecommendationState),
    (words.REPORT_KINDS, ReportKind),
    (words.CATEGORIES, Category),
    (words.WAIVERS, WaiverCategory),
]


@pytest.mark.parametrize("ours, theirs", SAME, ids=[theirs.__name__ for _, theirs in SAME])
def test_our_words_are_those_of_the_room_that_owns_the_code(ours, theirs):
    assert dict(ours) == {code: str(label) for code, label in theirs.choices}


@pytest.mark.parametrize(
    "ours, theirs", [(words.ROLES, ParticipantRole), (words.LEVELS, ObjectiveLevel)]
)
def test_every_code_has_a_heading_where_ours_are_worded_otherwise(ours, theirs):
    assert set(ours) == set(theirs.values)


def test_only_fields_that_are_released_have_codes():
    for kind, fields in rows.CODES.items():
        assert set(fields) <= RELEASED[kind], kind


def test_each_word_of_the_glossary_is_explained_once():
    assert len(words.MEANINGS) == len(words.GLOSSARY)
