"""Addresses below /desk/."""

from django.urls import path

from tracker.audits.views import (
    asked,
    engagements,
    figures,
    findings,
    money,
    papers,
    plan,
    recommendations,
    records,
    sample_items,
    samples,
    work,
)

app_name = "audits"

engagement_urls = [
    path("audits/", engagements.engagement_list, name="list"),
    path("audits/new/", engagements.engagement_new, name="new"),
    path("audits/<uuid:uid>/", engagements.engagement, name="engagement"),
    path("audits/<uuid:uid>/edit/", engagements.engagement_edit, name="edit"),
    path("audits/<uuid:uid>/terminate/", engagements.terminate, name="terminate"),
    path("audits/<uuid:uid>/team/add/", engagements.member_add, name="member_add"),
    path(
        "audits/<uuid:uid>/team/<uuid:person>/remove/",
        engagements.member_remove,
        name="member_remove",
    ),
    path("audits/<uuid:uid>/findings/new/", findings.finding_new, name="finding_new"),
    *(
        path(f"audits/<uuid:uid>/{name}/", engagements.move, {"name": name}, name=f"move_{name}")
        for name in engagements.MOVES
    ),
]

finding_urls = [
    path("findings/", findings.finding_list, name="findings"),
    path("findings/new/", findings.finding_begin, name="finding_begin"),
    path("findings/<uuid:uid>/", findings.finding, name="finding"),
    path("findings/<uuid:uid>/edit/", findings.finding_edit, name="finding_edit"),
    path("findings/<uuid:uid>/issue/", findings.finding_issue, name="finding_issue"),
    path("findings/<uuid:uid>/drop/", findings.finding_drop, name="finding_drop"),
    path(
        "findings/<uuid:uid>/payments/<uuid:payment>/unlink/",
        findings.finding_unlink,
        name="finding_unlink",
    ),
    path(
        "findings/<uuid:uid>/payments/<uuid:payment>/link/",
        findings.finding_link,
        name="finding_link",
    ),
    path(
        "findings/<uuid:uid>/recommendations/new/",
        recommendations.recommendation_new,
        name="recommendation_new",
    ),
]

recommendation_urls = [
    path("recommendations/", recommendations.recommendation_list, name="recommendations"),
    path("recommendations/<uuid:uid>/", recommendations.recommendation, name="recommendation"),
    path(
        "recommendations/<uuid:uid>/edit/",
        recommendations.recommendation_edit,
        name="recommendation_edit",
    ),
    path(
        "recommendations/<uuid:uid>/remove/",
        recommendations.recommendation_remove,
        name="recommendation_remove",
    ),
    path(
        "recommendations/<uuid:uid>/evidence/<uuid:step>/",
        recommendations.evidence,
        name="evidence",
    ),
    *(
        path(f"recommendations/<uuid:uid>/{name}/", recommendations.step, {"name": name}, name=name)
        for name in recommendations.VERBS
    ),
]

# The office's year: before the engagements, whose addresses carry identifiers.
office_urls = [
    path("audits/plan/", plan.plan, name="audit_plan"),
    path("audits/plan/adopt/", plan.adopt, name="plan_adopt"),
    path("audits/plan/settings/", plan.settings, name="plan_settings"),
    path("audits/plan/versions/<uuid:uid>/", plan.version, name="plan_version"),
    path("audits/plan/programs/<uuid:uid>/", plan.judge, name="plan_judge"),
    path("audits/coverage/", figures.coverage, name="coverage"),
    path("audits/reports/", figures.reports, name="reports"),
    path("audits/reports/issue/", figures.issue, name="report_issue"),
    path("audits/<uuid:uid>/report/", figures.engagement_report, name="engagement_report"),
]

money_urls = [
    path("findings/<uuid:uid>/records/", records.records, name="finding_records"),
    path(
        "findings/<uuid:uid>/records/<str:kind>/<uuid:record>/link/",
        records.record_link,
        name="record_link",
    ),
    path(
        "findings/<uuid:uid>/records/<str:kind>/<uuid:record>/unlink/",
        records.record_unlink,
        name="record_unlink",
    ),
    path("findings/<uuid:uid>/cost/", money.claim, name="cost_claim"),
    path("findings/<uuid:uid>/decide/", money.decide, name="decide"),
    path("costs/<uuid:uid>/evidence/", money.evidence, name="cost_evidence"),
    *(
        path(f"costs/<uuid:uid>/{name}/", money.judge, {"name": name}, name=f"cost_{name}")
        for name in money.JUDGING
    ),
    path("asks/<uuid:uid>/", recommendations.ask, name="ask"),
]

work_urls = [
    path("audits/board/", work.board, name="board"),
    path("audits/independence/", work.independence, name="independence"),
    path("audits/independence/declare/", work.declare, name="declare_yearly"),
    path("audits/<uuid:uid>/declare/", work.declare, name="declare"),
    path("audits/<uuid:uid>/announce/", work.announce, name="announce"),
    path("audits/<uuid:uid>/meetings/new/", work.meeting_new, name="meeting_new"),
    path("audits/<uuid:uid>/drafts/", work.drafts, name="drafts"),
    path("audits/<uuid:uid>/asked/", asked.asked, name="asked"),
    path("audits/<uuid:uid>/papers/", papers.paper_list, name="papers"),
    path("audits/<uuid:uid>/papers/new/", papers.paper_new, name="paper_new"),
    path("audits/drafts/<uuid:uid>/comment/", asked.comment, name="comment"),
    path("audits/comments/<uuid:uid>/reply/", work.reply, name="reply"),
    path("audits/papers/<uuid:uid>/", papers.paper, name="paper"),
    path("audits/papers/<uuid:uid>/revise/", papers.paper_revise, name="paper_revise"),
    path("audits/papers/<uuid:uid>/review/", papers.paper_review, name="paper_review"),
    path("audits/papers/<uuid:uid>/note/", papers.paper_note, name="paper_note"),
    path("audits/papers/<uuid:uid>/files/<uuid:file>/", papers.paper_file, name="paper_file"),
    path("audits/notes/<uuid:uid>/answer/", papers.note_answer, name="note_answer"),
    *(
        path(
            f"audits/<uuid:uid>/{name}/",
            work.step,
            {"name": name},
            name=f"do_{name.replace('-', '_')}",
        )
        for name in work.VERBS
    ),
]

sample_urls = [
    path("audits/<uuid:uid>/samples/new/", samples.sample_new, name="sample_new"),
    path("samples/new/", samples.sample_begin, name="sample_begin"),
    path("samples/<uuid:uid>/", samples.sample, name="sample"),
    path("samples/<uuid:uid>/draw/", samples.sample_draw, name="sample_draw"),
    path("samples/<uuid:uid>/give-up/", samples.sample_give_up, name="sample_give_up"),
    path("samples/<uuid:uid>/population.csv", samples.population_file, name="sample_population"),
    path("samples/<uuid:uid>/plan.json", samples.plan_file, name="sample_plan"),
    path(
        "samples/<uuid:uid>/evaluation/", sample_items.sample_evaluation, name="sample_evaluation"
    ),
    path("samples/items/<uuid:uid>/", sample_items.sample_item, name="sample_item"),
]

urlpatterns = [
    *engagement_urls,
    *finding_urls,
    *recommendation_urls,
    *money_urls,
    *work_urls,
    *sample_urls,
    *office_urls,
]
