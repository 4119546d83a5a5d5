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
    path("authorities/", views.authority_list, name="authorities"),
    path("authorities/new/", views.authority_new, name="authority_new"),
    path("authorities/<uuid:uid>/", views.authority, name="authority"),
    path("authorities/<uuid:uid>/ceiling/", views.authority_ceiling, name="authority_ceiling"),
    path(
        "authorities/<uuid:uid>/availability/",
        views.authority_availability,
        name="authority_availability",
    ),
    path("authorities/<uuid:uid>/stage/", views.authority_stage, name="authority_stage"),
    path("authority-changes/<uuid:uid>/", views.authority_decide, name="authority_decide"),
    path("signing/", views.signing, name="signing"),
    path("signing/<uuid:uid>/", views.signing_table, name="signing_table"),
    path("signing/<uuid:uid>/limit/", views.signing_limit, name="signing_limit"),
    path("signing-limits/<uuid:uid>/", views.signing_limit_decide, name="signing_limit_decide"),
    path("delegations/", views.delegation_list, name="delegations"),
    path("delegations/new/", views.delegation_new, name="delegation_new"),
    path("delegations/<uuid:uid>/", views.delegation, name="delegation"),
    path("delegations/<uuid:uid>/decide/", views.delegation_decide, name="delegation_decide"),
    path("delegations/<uuid:uid>/end/", views.delegation_end, name="delegation_end"),
    path("statements/", views.statement_list, name="statements"),
    path("statements/<uuid:uid>/", views.statement, name="statement"),
    path("reconciliation/", views.reconciliation, name="reconciliation"),
    path("ledger/", views.transaction_list, name="transactions"),
    path("transactions/<uuid:uid>/reverse/", views.reverse, name="reverse"),
]
