"""Office365-REST-Python-Client: alice by her application's secret, bob by his password."""

from __future__ import annotations

import datetime as dt
import os
from zoneinfo import ZoneInfo

from office365.graph_client import GraphClient
from office365.runtime.queries.service_operation import ServiceOperationQuery
from story import ALICE, BEGIN, BOB, END, LATER_BEGIN, LATER_END, ZONE, Letter, password, step, tell_outlook

CLIENT = os.environ["AZURE_CLIENT_ID"]
TENANT = os.environ["AZURE_TENANT_ID"]


class Mailbox:
    def __init__(self, owner) -> None:
        self.owner = owner

    def invite(self, subject, guest):
        event = self.owner.calendar.events.add(subject=subject, start=_time(BEGIN), end=_time(END), attendees=[guest])
        return event.execute_query().id

    def newest(self):
        inbox = self.owner.mail_folders["Inbox"].messages
        (message,) = inbox.top(1).order_by("receivedDateTime desc").get().execute_query()
        return Letter(message.subject, message.body_preview, message)

    def event_behind(self, letter):
        # The library knows no event message: the event is found as its users find it, by the subject.
        (event,) = self.owner.calendar.events.filter(f"subject eq '{letter.subject}'").get().execute_query()
        return event.id

    def own_answer(self, event):
        return self._event(event).response_status.response

    def answer(self, event, answer, comment):
        found = self.owner.calendar.events[event]
        if answer == "declined":
            found.decline(comment=comment).execute_query()
        elif answer == "accepted":
            found.accept(True, comment).execute_query()
        else:
            _tentatively(found, comment)

    def guest_answer(self, event, guest):
        guests = {one.emailAddress.address: one for one in self._event(event).attendees}
        return guests[guest].status["response"]

    def move(self, event):
        found = self._event(event)
        found.start, found.end = _time(LATER_BEGIN), _time(LATER_END)
        found.update().execute_query()

    def cancel(self, event, comment):
        self.owner.calendar.events[event].cancel(comment).execute_query()

    def _event(self, event):
        return self.owner.calendar.events[event].get().execute_query()


def _tentatively(event, comment: str) -> None:
    """Answer with the action for which the library has no method, by its own means for such."""
    event.context.add_query(ServiceOperationQuery(event, "tentativelyAccept", None, {"Comment": comment}))
    event.context.execute_query()


def _time(text: str) -> dt.datetime:
    """Return the time in UTC: the library sends the wall time as it stands and says UTC."""
    return dt.datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(ZONE)).astimezone(dt.UTC)


with step("alice's application signs in"):
    application = GraphClient(tenant=TENANT).with_client_secret(CLIENT, os.environ["AZURE_CLIENT_SECRET"])
    alice = application.users[ALICE]
with step("bob signs in with his password"):
    bob = GraphClient(tenant=TENANT).with_username_and_password(CLIENT, BOB, password(BOB)).me
tell_outlook(Mailbox(alice), Mailbox(bob))
