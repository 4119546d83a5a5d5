from django.urls import path

from tracker.publishing.views import (
    audit_reports,
    engagements,
    findings,
    glasses,
    programs,
    report_parts,
    reports,
    withholdings,
)

app_name = "publishing"
urlpatterns = [
    path("publishing/", programs.home, name="home"),
    path("publishing/programs/<uuid:uid>/", programs.program, name="program"),
    path("publishing/programs/<uuid:uid>/release/", programs.release, name="release"),
    path("publishing/programs/<uuid:uid>/not-published/", programs.keep_back, name="not_published"),
    path("publishing/not-published/<uuid:uid>/lift/", programs.lift, name="not_published_lift"),
    path("publishing/engagements/", engagements.engagement_list, name="engagements"),
    path("publishing/engagements/<uuid:uid>/", engagements.engagement, name="engagement"),
    path(
        "publishing/engagements/<uuid:uid>/release/", engagements.release, name="engagement_release"
    ),
    path("publishing/engagements/<uuid:uid>/order/", engagements.order, name="standing_order"),
    path("publishing/engagements/<uuid:uid>/end/", engagements.end, name="standing_end"),
    path("publishing/glass/", glasses.glass_list, name="glasses"),
    path("publishing/glass/<uuid:uid>/note/", glasses.note, name="glass_note"),
    path("publishing/findings/", findings.finding_list, name="findings"),
    path("publishing/findings/<uuid:uid>/", findings.finding, name="finding"),
    path("publishing/findings/<uuid:uid>/release/", findings.release, name="finding_release"),
    path("reports/", reports.report_list, name="reports"),
    path("reports/new/", reports.report_new, name="report_new"),
    path("reports/audit/new/", audit_reports.new, name="audit_report_new"),
    path("reports/comments/<uuid:uid>/", report_parts.settle, name="comment_settle"),
    path("reports/<uuid:uid>/", reports.report, name="report"),
    path("reports/<uuid:uid>/preview/", report_parts.preview, name="report_preview"),
    path("reports/<uuid:uid>/images/", report_parts.images, name="report_images"),
    path("reports/<uuid:uid>/images/<slug:sha256>", report_parts.image, name="report_image"),
    path(
        "reports/<uuid:uid>/sections/<int:number>/comment/",
        report_parts.comment,
        name="report_comment",
    ),
    path(
        "reports/<uuid:uid>/publish-audit/", audit_reports.publish, name="audit_report_publish"
    ),
    path("reports/<uuid:uid>/edit/", reports.edit, name="report_edit"),
    path("reports/<uuid:uid>/submit/", reports.submit, name="report_submit"),
    path("reports/<uuid:uid>/accept/", reports.accept, name="report_accept"),
    path("reports/<uuid:uid>/return/", reports.return_, name="report_return"),
    path("reports/<uuid:uid>/publish/", reports.publish, name="report_publish"),
    path("withholdings/", withholdings.withholding_list, name="withholdings"),
    path("withholdings/new/", withholdings.withholding_new, name="withholding_new"),
    path("withholdings/<uuid:uid>/", withholdings.withholding, name="withholding"),
    path("withholdings/<uuid:uid>/decide/", withholdings.decide, name="withholding_decide"),
    path("withholdings/<uuid:uid>/decline/", withholdings.decline, name="withholding_decline"),
    path("withholdings/<uuid:uid>/review/", withholdings.review, name="withholding_review"),
    path("withholdings/<uuid:uid>/lift/", withholdings.lift, name="withholding_lift"),
]
