from django.urls import path

from tracker.accounts import views

app_name = "accounts"

own = [
    path("account/", views.me, name="me"),
    path("account/notices/", views.notices, name="notices"),
    path("account/notices/read/", views.notices_read, name="notices_read"),
    path("account/notices/<uuid:uid>/read/", views.notice_read, name="notice_read"),
    path("account/invitation/", views.accept, name="accept"),
]
people = [
    path("desk/people/", views.people, name="people"),
    path("desk/people/find/", views.find, name="find"),
    path("desk/people/<uuid:uid>/", views.person, name="person"),
    path("desk/people/<uuid:uid>/roles/", views.role_grant, name="role_grant"),
    path("desk/people/<uuid:uid>/deactivate/", views.deactivate, name="deactivate"),
    path("desk/people/<uuid:uid>/reactivate/", views.reactivate, name="reactivate"),
]
roles = [
    path("desk/people/roles/", views.roles, name="roles"),
    path("desk/people/roles/<uuid:uid>/confirm/", views.role_confirm, name="role_confirm"),
    path("desk/people/roles/<uuid:uid>/decline/", views.role_decline, name="role_decline"),
    path("desk/people/roles/<uuid:uid>/end/", views.role_end, name="role_end"),
]
invitations = [
    path("desk/people/invite/", views.invite, name="invite"),
    path("desk/people/invitations/", views.invitations, name="invitations"),
    path(
        "desk/people/invitations/<uuid:uid>/withdraw/",
        views.invitation_withdraw,
        name="invitation_withdraw",
    ),
]
organisations = [
    path("desk/people/organisations/", views.organisations, name="organisations"),
    path("desk/people/organisations/new/", views.organisation_new, name="organisation_new"),
]
urlpatterns = [*own, *people, *roles, *invitations, *organisations]
