"""msgraph-sdk with azure-identity: alice by the environment's credential, bob with a device code."""

from __future__ import annotations

import asyncio
import os

from azure.core.credentials import AccessToken
from azure.identity import DefaultAzureCredential, DeviceCodeCredential
from kiota_abstractions.base_request_configuration import RequestConfiguration
from msgraph import GraphServiceClient
from msgraph.generated.models.attendee import Attendee
from msgraph.generated.models.date_time_time_zone import DateTimeTimeZone
from msgraph.generated.models.email_address import EmailAddress
from msgraph.generated.models.event import Event
from msgraph.generated.models.event_message_request import EventMessageRequest
from msgraph.generated.users.item.events.item.accept.accept_post_request_body import AcceptPostRequestBody
from msgraph.generated.users.item.events.item.cancel.cancel_post_request_body import CancelPostRequestBody
from msgraph.generated.users.item.events.item.decline.decline_post_request_body import DeclinePostRequestBody
from msgraph.generated.users.item.events.item.tentatively_accept.tentatively_accept_post_request_body import (
    TentativelyAcceptPostRequestBody,
)
from msgraph.generated.users.item.mail_folders.item.messages.messages_request_builder import MessagesRequestBuilder
from msgraph.generated.users.item.messages.item.message_item_request_builder import MessageItemRequestBuilder
from story import (
    ALICE,
    BEGIN,
    BOB,
    END,
    LAST_LETTER,
    LATER_BEGIN,
    LATER_END,
    ZONE,
    Letter,
    same,
    sign_in,
    step,
    tell_outlook,
    token,
)

TENANT, CLIENT = os.environ["AZURE_TENANT_ID"], os.environ["AZURE_CLIENT_ID"]
NEWEST = MessagesRequestBuilder.MessagesRequestBuilderGetQueryParameters(top=1, orderby=["receivedDateTime desc"])
WITH_EVENT = MessageItemRequestBuilder.MessageItemRequestBuilderGetQueryParameters(
    expand=["microsoft.graph.eventMessage/event"]
)


class Mailbox:
    """The SDK is asynchronous: each step runs to its end in one loop."""

    def __init__(self, owner, runner: asyncio.Runner) -> None:
        self.owner = owner
        self.run = runner.run

    def invite(self, subject, guest):
        attendees = [Attendee(email_address=EmailAddress(address=guest))]
        event = Event(subject=subject, attendees=attendees, start=_time(BEGIN), end=_time(END))
        return self.run(self.owner.events.post(event)).id

    def newest(self):
        messages = self.owner.mail_folders.by_mail_folder_id("inbox").messages
        (message,) = self.run(messages.get(RequestConfiguration(query_parameters=NEWEST))).value
        return Letter(message.subject, message.body_preview, message)

    def event_behind(self, letter):
        same(isinstance(letter.raw, EventMessageRequest), True)
        message = self.owner.messages.by_message_id(letter.raw.id)
        return self.run(message.get(RequestConfiguration(query_parameters=WITH_EVENT))).event.id

    def own_answer(self, event):
        return self._read(event).response_status.response.value

    def answer(self, event, answer, comment):
        found = self._event(event)
        send, body = {
            "accepted": (found.accept, AcceptPostRequestBody),
            "tentativelyAccepted": (found.tentatively_accept, TentativelyAcceptPostRequestBody),
            "declined": (found.decline, DeclinePostRequestBody),
        }[answer]
        self.run(send.post(body(comment=comment, send_response=True)))

    def guest_answer(self, event, guest):
        guests = {one.email_address.address: one for one in self._read(event).attendees}
        return guests[guest].status.response.value

    def move(self, event):
        self.run(self._event(event).patch(Event(start=_time(LATER_BEGIN), end=_time(LATER_END))))

    def cancel(self, event, comment):
        self.run(self._event(event).cancel.post(CancelPostRequestBody(comment=comment)))

    def _event(self, event):
        return self.owner.events.by_event_id(event)

    def _read(self, event):
        return self.run(self._event(event).get())


def _time(text: str) -> DateTimeTimeZone:
    return DateTimeTimeZone(date_time=text, time_zone=ZONE)


class Token:
    """What the SDK calls a credential, for an access token that is there already."""

    def get_token(self, *scopes, **options):
        return AccessToken(token(BOB), 2**31)


def by_hand():
    graph = GraphServiceClient(Token())
    graph.request_adapter.base_url = f"{os.environ['RSVPD_URL']}/v1.0"
    return graph.me


def show_code(uri: str, code: str, _expires: object) -> None:
    sign_in(uri, BOB, code)


with asyncio.Runner() as runner:
    alice = GraphServiceClient(DefaultAzureCredential()).users.by_user_id(ALICE)
    code = DeviceCodeCredential(CLIENT, tenant_id=TENANT, prompt_callback=show_code)
    bob = GraphServiceClient(code, ["Calendars.ReadWrite", "Mail.ReadWrite", "User.Read"]).me
    with step("alice's application signs in"):
        runner.run(alice.events.get())
    with step("bob signs in with a device code"):
        same(runner.run(bob.get()).user_principal_name, BOB)
    tell_outlook(Mailbox(alice, runner), Mailbox(bob, runner))
    with step("by hand: the plain address and a token"):
        same(Mailbox(by_hand(), runner).newest().subject, LAST_LETTER)
