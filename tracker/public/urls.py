from django.urls import path, register_converter
from django.urls.converters import IntConverter

from tracker.public import views
from tracker.public.journal import views as journal
from tracker.public.releases import views as releases


class ReleaseNumber(IntConverter):
    """Counts the releases of one program, which are all listed: it is no key of ours."""

    regex = "[1-9][0-9]{0,8}"


register_converter(ReleaseNumber, "release")

app_name = "public"
urlpatterns = [
    path("", views.overview, name="overview"),
    path("about/", views.about, name="about"),
    path("programs/", views.programs, name="programs"),
    path("programs/<uuid:uid>/", views.program, name="program"),
    path("programs/<uuid:uid>/transactions/", views.transactions, name="transactions"),
    path("programs/<uuid:uid>/withheld/", views.withheld, name="withheld"),
    path("programs/<uuid:uid>/releases/", releases.releases, name="releases"),
    path("programs/<uuid:uid>/releases/<release:number>/", releases.release, name="release"),
    path(
        "programs/<uuid:uid>/releases/<release:number>/transactions.csv",
        journal.release_file,
        name="release-csv",
    ),
    path(
        "programs/<uuid:uid>/releases/<release:number>/transactions.csv.tlog-proof",
        journal.release_proof,
    ),
    path("taken-back/", releases.taken_back, name="taken-back"),
    path("reports/", views.reports, name="reports"),
    path("reports/<uuid:uid>/", views.report, name="report"),
    path("findings/", views.findings, name="findings"),
    path("findings/<uuid:uid>/", views.finding, name="finding"),
    path("audits/", views.engagements, name="engagements"),
    path("audits/<uuid:uid>/", views.engagement, name="engagement"),
    path("audits/offices/<uuid:uid>/", views.office, name="office"),
    path("recommendations/<uuid:uid>/", views.recommendation, name="recommendation"),
    path("programs/<uuid:uid>/transactions.csv", journal.transactions_file, name="csv"),
    path("programs/<uuid:uid>/transactions.csv.tlog-proof", journal.transactions_proof),
    path("reports/<uuid:uid>/report.json", journal.report_file, name="report-file"),
    path("reports/<uuid:uid>/report.json.tlog-proof", journal.report_proof),
    path("reports/<uuid:uid>/report.pdf", journal.report_pdf, name="report-pdf"),
    path("reports/<uuid:uid>/report.pdf.tlog-proof", journal.report_pdf_proof),
    path("reports/<uuid:uid>/report.html", journal.report_page, name="report-html"),
    path("reports/<uuid:uid>/report.html.tlog-proof", journal.report_page_proof),
    path("files/<slug:sha256>", journal.picture, name="picture"),
    path("journal/", journal.journal, name="journal"),
    path("journal/log.vkey", journal.keys, name="keys"),
    path("journal/log.policy", journal.policy, name="policy"),
    path("journal/verify/", journal.verify, name="verify"),
    path("journal/records/<uuid:uid>/", journal.record, name="record"),
    path("journal/records/<uuid:uid>.tlog-proof", journal.record_proof),
    path("journal/log/checkpoint", journal.checkpoint, name="checkpoint"),
    path("journal/log/tile/entries/<path:path>", journal.bundle),
    path("journal/log/tile/<path:path>", journal.tile),
]
