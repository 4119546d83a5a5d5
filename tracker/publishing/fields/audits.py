"""What of the money of findings, of decisions and plans may become public."""

from tracker.publishing.fields.declaring import (
    CLOCK,
    HASH,
    KEY,
    PERSON,
    PLACE,
    TEXT,
    UID,
    Declared,
    internal,
    public,
    withholdable,
)

VIEWS: dict[str, Declared] = {
    "DraftComment": KEY
    | internal(UID, "uid")
    | internal(PLACE, "draft", "entry", "finding", "text")
    | internal(HASH, "text_digest")
    | internal(PERSON, "made_by")
    | internal(CLOCK, "made_at")
    | public("finding", organisation="views", stance="views"),
    "CommentText": TEXT | withholdable("finding", note="view_words"),
    "CommentReply": KEY
    | internal(UID, "uid")
    | internal(PLACE, "comment", "entry", "text")
    | internal(HASH, "text_digest")
    | internal(PERSON, "replied_by")
    | internal(CLOCK, "replied_at")
    | public("finding", changed="views"),
    "ReplyText": TEXT | withholdable("finding", note="view_words"),
}
MONEY: dict[str, Declared] = {
    "FindingRecord": KEY
    | internal(PLACE, "finding", "organisation")
    | internal("the record itself may be internal; what kind it is is released", "record")
    | public("finding", kind="records", program="programs"),
    "QuestionedLine": KEY
    | internal(PLACE, "finding", "position")
    | public("finding", kind="questioned_lines")
    | withholdable("finding", transaction="payments", basis="questioned_lines")
    | withholdable("finding", currency="questioned_lines", known="questioned_lines")
    | withholdable("finding", likely="questioned_lines"),
    "BetterUse": KEY
    | internal(PLACE, "finding", "position")
    | public("finding", kind="better_use")
    | withholdable("finding", currency="better_use", amount="better_use", basis="better_use"),
    "CostEvent": KEY
    | internal(UID, "uid")
    | internal(PLACE, "finding", "entry", "answers", "text", "transaction")
    | internal("only what stands is released, as a sum by outcome", "step", "taken_on")
    | internal("evidence is shown to those who may see the finding's files", "evidence")
    | internal(HASH, "text_digest")
    | internal(PERSON, "taken_by")
    | internal(CLOCK, "taken_at")
    | public("finding", outcome="waterfall")
    | withholdable("finding", currency="waterfall", amount="waterfall"),
    "ManagementDecision": KEY
    | internal(UID, "uid")
    | internal(PLACE, "finding", "entry", "revises", "text")
    | internal(HASH, "text_digest")
    | internal(PERSON, "decided_by")
    | internal(CLOCK, "decided_at")
    | internal("the finding's own total is released", "questioned", "better_use")
    | public("finding", sustained="decision", decided_on="decision", act_by="decision")
    | withholdable("finding", currency="decision", allowed="decision", disallowed="decision")
    | withholdable("finding", better_currency="decision", agreed="decision", not_agreed="decision"),
    "ManagementDecisionText": TEXT
    | withholdable("finding", reasons="decision", action="decision", timetable="decision")
    | withholdable("finding", appeal="decision"),
    "CorrectivePlan": KEY
    | internal(UID, "uid")
    | internal(PLACE, "recommendation", "entry", "text")
    | internal(HASH, "text_digest")
    | internal(PERSON, "stated_by")
    | internal(CLOCK, "stated_at")
    | public("recommendation", version="plan", stated_on="plan")
    | withholdable("recommendation", anticipated_on="plan"),
    "PlanText": TEXT
    | withholdable("recommendation", action="plan", disagreement="plan")
    | internal("whom to ask inside; the owner is released", "contact"),
}
