from django.urls import path

from tracker.dashboards.views import auditing, pages

app_name = "dashboards"
urlpatterns = [
    path("", pages.desk, name="desk"),
    path("portfolio/", pages.portfolio, name="portfolio"),
    path("search/", pages.search, name="search"),
    path("style/", pages.style, name="style"),
    path("programs/<uuid:uid>/", pages.program, name="program"),
    path("organisations/<uuid:uid>/", pages.organisation, name="organisation"),
    path("transactions/<uuid:uid>/", pages.transaction, name="transaction"),
    path("auditor/", auditing.desk, name="auditor"),
    path("records/<uuid:uid>/", auditing.record, name="record"),
    path("records/<uuid:uid>/star/", auditing.star, name="star"),
    path("records/<uuid:uid>/glass/", auditing.glass_break, name="glass_break"),
    path("stars/<uuid:uid>/remove/", auditing.star_remove, name="star_remove"),
    path("glass/<uuid:uid>/read/", auditing.glass_read, name="glass_read"),
    path("searches/", auditing.searches, name="searches"),
    path("searches/save/", auditing.search_save, name="search_save"),
    path("searches/<uuid:uid>/run/", auditing.search_run, name="search_run"),
    path("searches/<uuid:uid>/remove/", auditing.search_remove, name="search_remove"),
    path("audits/<uuid:uid>/history/", auditing.engagement_events, name="engagement_events"),
    path("audits/<uuid:uid>/evidence/", auditing.bundle, name="bundle"),
    path("receipts/<uuid:uid>/", pages.receipts, name="receipts"),
]
