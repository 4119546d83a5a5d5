"""Addresses below /desk/."""

from django.urls import path

from tracker.audits.views import engagements, findings, recommendations, sample_items, samples

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

sample_urls = [
    path("audits/<uuid:uid>/samples/new/", samples.sample_new, name="sample_new"),
    path("samples/new/", samples.sample_begin, name="sample_begin"),
    path("samples/<uuid:uid>/", samples.sample, name="sample"),
    path("samples/<uuid:uid>/draw/", samples.sample_draw, name="sample_draw"),
    path("samples/<uuid:uid>/population.csv", samples.population_file, name="sample_population"),
    path("samples/<uuid:uid>/plan.json", samples.plan_file, name="sample_plan"),
    path(
        "samples/<uuid:uid>/evaluation/", sample_items.sample_evaluation, name="sample_evaluation"
    ),
    path("samples/items/<uuid:uid>/", sample_items.sample_item, name="sample_item"),
]

urlpatterns = [*sample_urls, *engagement_urls, *finding_urls, *recommendation_urls]
