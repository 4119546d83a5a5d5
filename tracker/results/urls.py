from django.urls import path

from tracker.results import views

app_name = "results"
urlpatterns = [
    path("programs/<uuid:uid>/indicators/new/", views.indicator_new, name="indicator_new"),
    path("indicators/<uuid:uid>/", views.indicator, name="indicator"),
    path("indicators/<uuid:uid>/baseline/", views.baseline, name="baseline"),
    path("indicators/<uuid:uid>/targets/new/", views.target_new, name="target_new"),
    path("targets/<uuid:uid>/change/", views.target_change, name="target_change"),
    path("indicators/<uuid:uid>/measurements/new/", views.measurement_new, name="measurement_new"),
    path("measurements/<uuid:uid>/correct/", views.measurement_correct, name="measurement_correct"),
]
