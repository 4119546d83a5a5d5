"""The site, and one page that asks for a recent re-authentication, as approvals do."""

from django.http import HttpResponse
from django.urls import include, path
from django.views.decorators.http import require_POST

from tracker.accounts.reauthentication import recently_authenticated

done: list[str] = []


@recently_authenticated
def look(request):
    return HttpResponse("The voucher, with its button.")


@require_POST
@recently_authenticated
def approve(request):
    done.append(request.POST["voucher"])
    return HttpResponse("Approved.")


urlpatterns = [
    path("desk/signature/", look),
    path("desk/signature/approve/", approve),
    path("", include("config.urls")),
]
