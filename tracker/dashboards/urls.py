from django.urls import path

from tracker.dashboards import views

app_name = "dashboards"
urlpatterns = [
    path("", views.desk, name="desk"),
    path("portfolio/", views.portfolio, name="portfolio"),
    path("search/", views.search, name="search"),
    path("style/", views.style, name="style"),
    path("programs/<uuid:uid>/", views.program, name="program"),
    path("organisations/<uuid:uid>/", views.organisation, name="organisation"),
    path("transactions/<uuid:uid>/", views.transaction, name="transaction"),
    path("receipts/<uuid:uid>/", views.receipts, name="receipts"),
]
