"""The ledger's addresses, below /desk/."""

from django.urls import path

from tracker.ledger import views

app_name = "ledger"
urlpatterns = [
    path("vouchers/<uuid:uid>/", views.voucher, name="voucher"),
]
