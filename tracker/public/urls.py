from django.urls import path

from tracker.public import views

app_name = "public"
urlpatterns = [
    path("", views.overview, name="overview"),
    path("about/", views.about, name="about"),
    path("programs/", views.programs, name="programs"),
    path("programs/<uuid:uid>/", views.program, name="program"),
    path("programs/<uuid:uid>/transactions/", views.transactions, name="transactions"),
    path("programs/<uuid:uid>/withheld/", views.withheld, name="withheld"),
    path("reports/", views.reports, name="reports"),
    path("reports/<uuid:uid>/", views.report, name="report"),
    path("findings/", views.findings, name="findings"),
    path("findings/<uuid:uid>/", views.finding, name="finding"),
]
