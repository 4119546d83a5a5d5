from django.urls import path

from tracker.programs import views

app_name = "programs"
urlpatterns = [
    path("programs/", views.program_list, name="list"),
    path("programs/new/", views.program_new, name="new"),
    path("programs/<uuid:uid>/edit/", views.program_edit, name="edit"),
    path("programs/<uuid:uid>/objectives/new/", views.objective_new, name="objective_new"),
    path("objectives/<uuid:uid>/edit/", views.objective_edit, name="objective_edit"),
    path("programs/<uuid:uid>/figures/new/", views.figure_new, name="figure_new"),
    path("figures/<uuid:uid>/correct/", views.figure_correct, name="figure_correct"),
]
