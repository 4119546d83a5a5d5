from django.urls import path

from tracker.accounts import views

app_name = "accounts"
urlpatterns = [
    path("people/", views.people, name="people"),
    path("invitation/", views.accept, name="accept"),
]
