"""The ledger's addresses, below /desk/."""

from django.urls import path

from tracker.ledger import views

app_name = "ledger"
urlpatterns = [
    path("vouchers/", views.voucher_list, name="vouchers"),
    path("vouchers/new/", views.voucher_new, name="voucher_new"),
    path("vouchers/<uuid:uid>/", views.voucher, name="voucher"),
    path("vouchers/<uuid:uid>/edit/", views.voucher_edit, name="voucher_edit"),
    path("vouchers/<uuid:uid>/submit/", views.voucher_submit, name="voucher_submit"),
    path("vouchers/<uuid:uid>/approve/", views.voucher_approve, name="voucher_approve"),
    path("vouchers/<uuid:uid>/return/", views.voucher_return, name="voucher_return"),
    path("vouchers/<uuid:uid>/withdraw/", views.voucher_withdraw, name="voucher_withdraw"),
    path("vouchers/<uuid:uid>/attach/", views.voucher_attach, name="voucher_attach"),
    path("evidence/<uuid:uid>/", views.evidence, name="evidence"),
    path("evidence/<uuid:uid>/remove/", views.evidence_remove, name="evidence_remove"),
    path("ledger/", views.transaction_list, name="transactions"),
    path("transactions/<uuid:uid>/reverse/", views.reverse, name="reverse"),
]
