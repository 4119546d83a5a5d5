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
    path("dispatches/", views.dispatch_list, name="dispatches"),
    path("dispatches/<uuid:uid>/", views.dispatch, name="dispatch"),
    path("use/<uuid:uid>/", views.use, name="use"),
    path("statements/<uuid:uid>/evidence/", views.statement_evidence, name="statement_evidence"),
    path("discrepancies/", views.discrepancy_list, name="discrepancies"),
    path("discrepancies/<uuid:uid>/", views.discrepancy, name="discrepancy"),
    path(
        "discrepancies/<uuid:uid>/evidence/<uuid:step>/",
        views.step_evidence,
        name="step_evidence",
    ),
    path("periods/", views.period_list, name="periods"),
    path("periods/close/", views.period_close, name="period_close"),
    path("periods/<uuid:uid>/", views.period, name="period"),
    path("periods/<uuid:uid>/reopen/", views.period_reopen, name="period_reopen"),
    path("period-changes/<uuid:uid>/", views.period_decide, name="period_decide"),
    path("periods/<uuid:uid>/programs/<uuid:program>/", views.certification, name="certification"),
    path(
        "periods/<uuid:uid>/programs/<uuid:program>/sign/",
        views.certification_sign,
        name="certification_sign",
    ),
    path("ledger/", views.transaction_list, name="transactions"),
    path("transactions/<uuid:uid>/reverse/", views.reverse, name="reverse"),
]
