from django.urls import path

from tracker.uploads import views

app_name = "uploads"
urlpatterns = [
    path("uploads/", views.upload_list, name="list"),
    path("uploads/new/", views.upload_new, name="new"),
    path("uploads/<uuid:uid>/", views.upload, name="upload"),
    path("uploads/<uuid:uid>/advance/", views.upload_advance, name="advance"),
    path("uploads/<uuid:uid>/submit/", views.upload_submit, name="submit"),
    path("uploads/<uuid:uid>/approve/", views.upload_approve, name="approve"),
    path("uploads/<uuid:uid>/return/", views.upload_return, name="return"),
    path("uploads/<uuid:uid>/stop/", views.upload_stop, name="stop"),
    path("uploads/<uuid:uid>/continue/", views.upload_continue, name="continue"),
    path("uploads/<uuid:uid>/discard/", views.upload_discard, name="discard"),
]
