"""Pages of the library that are no Wagtail pages."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from library import actions
from library.forms import ChooseTopicsForm
from library.models import Topic
from members.views import member_of


@login_required
@require_http_methods(["GET", "POST"])
def choose_topics(request: HttpRequest) -> HttpResponse:
    """Which topics interest a member: organisers invite by them."""
    member = member_of(request)
    form = ChooseTopicsForm(
        request.POST if request.method == "POST" else None,
        initial={"topics": Topic.objects.of_interest_to(member)},
    )
    if form.is_valid():
        actions.choose_topics(member=member, topics=form.cleaned_data["topics"])
        messages.success(request, "Your choice is saved.")
        return redirect("library:choose_topics")
    return render(request, "library/choose_topics.html", {"form": form})
