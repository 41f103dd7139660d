"""Control information: contexts, etags, types and links around an entity (OData JSON 4.0, 4.5).

With `odata.metadata=none` there is none; `full` adds the type and the links of every entity to
what `minimal` shows. Derived types carry `@odata.type` always, whatever is selected.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from rsvpd import ids
from rsvpd.calendar.view import CalendarGroupView, CalendarView, EventView
from rsvpd.commands.permissions import PermissionView
from rsvpd.dialects.microsoft.exchange.call import Call
from rsvpd.dialects.microsoft.exchange.preferences import Metadata
from rsvpd.dialects.microsoft.tables.profiles import Profile, folder_shape
from rsvpd.dialects.odata.options import Steps
from rsvpd.dialects.odata.url import Step, key_text
from rsvpd.mail.attachment import AttachmentKind
from rsvpd.mail.extended import Form
from rsvpd.mail.message import MeetingKind
from rsvpd.mail.person import Person
from rsvpd.mail.relevance import RelevantPerson
from rsvpd.mail.view import AttachmentView, FolderView, MessageView, OverrideView, RuleView

# The service writes `%3D` and `%40` inside a context, while links keep both readable.
_IN_CONTEXT = "-_.~"
_REMEMBERED = 256


def etag(number: int, change: int) -> str:
    """Return the weak etag of one state of an item in the mailbox `number`."""
    return f'W/"{ids.change_key(number, change)}"'


def user_url(call: Call, owner: Person) -> str:
    """Return the canonical absolute URL of a mailbox."""
    key = call.profile.user_key(owner, call.claims.tid)
    return f"{call.request.base}/{call.profile.segment('users')}{key_text(key)}"


def event_url(call: Call, owner: Person, event_id: str) -> str:
    """Return the canonical absolute URL of an event."""
    return f"{user_url(call, owner)}/{call.profile.segment('events')}{key_text(event_id)}"


def message_url(call: Call, view: MessageView) -> str:
    """Return the canonical absolute URL of a message."""
    return f"{user_url(call, view.owner)}/{call.profile.segment('messages')}{key_text(view.id)}"


def folder_url(call: Call, view: FolderView) -> str:
    """Return the canonical absolute URL of a mail folder."""
    return f"{user_url(call, view.owner)}/{call.profile.segment('mailFolders')}{key_text(view.id)}"


def of_event(call: Call, view: EventView) -> dict[str, str]:
    """Return what stands before the members of an event."""
    tag = etag(view.owner.number, view.change)
    return _entity(call, call.profile.event.name, lambda: event_url(call, view.owner, view.id), tag)


def of_message(call: Call, view: MessageView) -> dict[str, str]:
    """Return what stands before the members of a message."""
    tag = etag(view.owner.number, view.change)
    derived = call.profile.type_name(view.kind)
    return _entity(call, call.profile.message.name, lambda: message_url(call, view), tag, derived=derived)


def event_links(call: Call, view: MessageView) -> dict[str, str]:
    """Return the links from an event message to its event, while that stands in the calendar."""
    if not call.profile.has_event_links or view.kind is MeetingKind.NONE or view.event_id is None:
        return {}
    if call.preferences.metadata is Metadata.NONE:
        return {}
    profile = call.profile
    # The mailbox by its address: clients read it from the link.
    user = f"{call.request.base}/{profile.segment('users')}{key_text((view.event_owner or view.owner).address)}"
    name, url = profile.member("event"), f"{user}/{profile.segment('events')}{key_text(view.event_id)}"
    return {f"{name}@odata.associationLink": f"{url}/$ref", f"{name}@odata.navigationLink": url}


def of_attachment(call: Call, view: AttachmentView) -> dict[str, str]:
    """Return what stands before the members of an attachment: of which kind it is, and of which type a file."""
    profile, one = call.profile, view.attachment
    shape = profile.tables.attachments[one.kind]

    def url() -> str:
        parent = view.parent
        item = ids.encode(ids.ItemId(parent.kind, parent.owner.number, parent.item))
        segment = profile.segment("events" if parent.kind is ids.Kind.EVENT else "messages")
        way = f"{user_url(call, parent.owner)}/{segment}{key_text(item)}"
        return f"{way}/{profile.segment('attachments')}{key_text(view.id)}"

    out = _entity(call, shape.name, url, derived=profile.type_of(shape.name))
    if out and one.kind is AttachmentKind.FILE and one.content_type:
        out["@odata.mediaContentType"] = one.content_type
    return out


def of_folder(call: Call, view: FolderView) -> dict[str, str]:
    """Return what stands before the members of a mail folder."""
    derived = folder_shape(call.profile, view)
    kind = None if derived is call.profile.folder else call.profile.type_of(derived.name)
    return _entity(call, derived.name, lambda: folder_url(call, view), derived=kind)


def of_category(call: Call, id_: str) -> dict[str, str]:
    """Return what stands before the members of a category."""
    table = call.profile.tables.category
    assert table is not None  # the route is refused where a service has none
    way = "/".join(call.profile.segment(step.name) for step in call.trail[1:])
    return _entity(call, table.name, lambda: f"{user_url(call, call.me)}/{way}{key_text(id_)}")


def of_extension(call: Call, owner: Person, collection: str, item_id: str, id_: str) -> dict[str, str]:
    """Return what stands before the members of an open extension, which has its type with it.

    Without a collection it is of the mailbox's owner.
    """
    name = call.profile.tables.extended[Form.EXTENSION].name
    item = f"{call.profile.segment(collection)}{key_text(item_id)}/" if collection else ""
    way = f"{item}{call.profile.segment('extensions')}{key_text(id_)}"
    derived = f"#{call.profile.namespace}.{name}"
    return _entity(call, name, lambda: f"{user_url(call, owner)}/{way}", derived=derived)


def navigation_context(call: Call, owner: Person, collection: str, item_id: str, name: str) -> dict[str, str]:
    """Return what stands before a navigation that is shown inside an item: its own context."""
    profile = call.profile
    if call.preferences.metadata is Metadata.NONE:
        return {}
    item = f"{profile.segment(collection)}{key_text(item_id, safe=_IN_CONTEXT)}"
    return {f"{name}@odata.context": f"{call.request.base}/$metadata#{profile.context_root(owner)}/{item}/{name}"}


def calendar_url(call: Call, view: CalendarView) -> str:
    """Return the canonical absolute URL of a calendar."""
    return f"{user_url(call, view.owner)}/{call.profile.segment('calendars')}{key_text(view.id)}"


def of_calendar(call: Call, view: CalendarView) -> dict[str, str]:
    """Return what stands before the members of a calendar."""
    url = calendar_url(call, view)
    return _entity(call, call.profile.calendar.name, lambda: url, etag(view.owner.number, view.change))


def calendar_group_url(call: Call, view: CalendarGroupView) -> str:
    """Return the canonical absolute URL of a group of calendars."""
    return f"{user_url(call, view.owner)}/{call.profile.segment('calendarGroups')}{key_text(view.id)}"


def of_calendar_group(call: Call, view: CalendarGroupView) -> dict[str, str]:
    """Return what stands before the members of a group of calendars."""
    url = calendar_group_url(call, view)
    return _entity(call, call.profile.calendar_group.name, lambda: url, etag(view.owner.number, view.change))


def permission_url(call: Call, view: PermissionView) -> str:
    """Return the canonical absolute URL of a permission."""
    way = f"{call.profile.segment('calendar')}/{call.profile.segment('calendarPermissions')}"
    return f"{user_url(call, view.owner)}/{way}{key_text(view.id)}"


def of_permission(call: Call, view: PermissionView) -> dict[str, str]:
    """Return what stands before the members of a permission."""
    return _entity(call, call.profile.permission.name, lambda: permission_url(call, view))


def of_push_subscription(call: Call, owner: Person, id: str) -> dict[str, str]:
    """Return what stands before the members of a subscription of Outlook REST, whose type is always said."""
    profile, name = call.profile, "PushSubscription"
    url = f"{user_url(call, owner)}/{profile.segment('subscriptions')}{key_text(id)}"
    return _entity(call, name, lambda: url, derived=f"#{profile.namespace}.{name}")


def rule_url(call: Call, view: RuleView) -> str:
    """Return the canonical absolute URL of a rule."""
    way = f"{call.profile.segment('mailFolders')}('inbox')/{call.profile.segment('messageRules')}"
    return f"{user_url(call, view.owner)}/{way}{key_text(view.id)}"


def of_rule(call: Call, view: RuleView) -> dict[str, str]:
    """Return what stands before the members of a rule."""
    return _entity(call, call.profile.rule.name, lambda: rule_url(call, view))


def override_url(call: Call, view: OverrideView) -> str:
    """Return the canonical absolute URL of an override."""
    way = f"{call.profile.segment('inferenceClassification')}/{call.profile.segment('overrides')}"
    return f"{user_url(call, view.owner)}/{way}{key_text(view.id)}"


def of_override(call: Call, view: OverrideView) -> dict[str, str]:
    """Return what stands before the members of an override."""
    return _entity(call, call.profile.override.name, lambda: override_url(call, view))


def of_relevant(call: Call, view: RelevantPerson) -> dict[str, str]:
    """Return what stands before the members of somebody who matters to another one."""
    way = f"{call.profile.segment('people')}{key_text(view.id)}"
    return _entity(call, call.profile.person.name, lambda: f"{user_url(call, view.owner)}/{way}")


def of_classification(call: Call, owner: Person) -> dict[str, str]:
    """Return what stands before the members of the focused inbox as a whole."""
    segment = call.profile.segment("inferenceClassification")
    table = call.profile.tables.classification
    assert table is not None  # the route is refused where a service has none
    return _entity(call, table.name, lambda: f"{user_url(call, owner)}/{segment}")


def of_user(call: Call, person: Person) -> dict[str, str]:
    """Return what stands before the members of a user."""
    return _entity(call, call.profile.user.name, lambda: user_url(call, person))


def collection_context(call: Call, select: tuple[Steps, ...] | None = None) -> dict[str, str]:
    """Return the context of the collection at the end of the path."""
    return context_of(call, _fragment(call, call.trail) + _select_list(call.profile, select))


def entity_context(call: Call, select: tuple[Steps, ...] | None = None) -> dict[str, str]:
    """Return the context of the one entity at the end of the path: that of its collection."""
    *steps, last = call.trail
    fragment = _fragment(call, (*steps, Step(last.name, is_cast=last.is_cast)))
    return context_of(call, f"{fragment}{_select_list(call.profile, select)}/$entity")


def entity_path(call: Call) -> str:
    """Return how contexts name the one entity at the end of the path."""
    return _fragment(call, call.trail) if len(call.trail) > 1 else call.profile.context_root(call.me)


def user_context(call: Call, select: tuple[Steps, ...] | None = None) -> dict[str, str]:
    """Return the context of one user: to Graph one of all users, to Outlook REST `/me` is a thing of its own."""
    is_me = call.trail[0].name == "me"
    before, after = call.profile.me_context if is_me else (call.profile.segment("users"), "/$entity")
    return context_of(call, f"{before}{_select_list(call.profile, select)}{after}")


def of_place(call: Call, oid: str, type_name: str) -> dict[str, str]:
    """Return what stands before the members of a place, which says of which type it is."""
    derived = f"#{call.profile.namespace}.{type_name}"
    return _entity(call, type_name, lambda: f"{call.request.base}/places{key_text(oid)}", derived=derived)


def _fragment(call: Call, steps: tuple[Step, ...]) -> str:
    if steps[0].name == "places":
        return "/".join(_step(call, step) for step in steps)
    if len(steps) == 1:
        return call.profile.segment("users")
    return "/".join((call.profile.context_root(call.me), *(_step(call, step) for step in steps[1:])))


def _step(call: Call, step: Step) -> str:
    name = call.profile.segment(step.name)
    if step.is_cast:
        name = f"{call.profile.namespace}.{name}"
    return name if step.key is None else name + key_text(step.key, safe=_IN_CONTEXT)


@lru_cache(maxsize=_REMEMBERED)
def _select_list(profile: Profile, select: tuple[Steps, ...] | None) -> str:
    """Return what is selected, spelled as the tables do."""
    if not select:
        return ""
    return f"({','.join('/'.join(map(profile.spelling, path)) for path in select)})"


def context_of(call: Call, fragment: str) -> dict[str, str]:
    """Return the context with this fragment."""
    if call.preferences.metadata is Metadata.NONE:
        return {}
    return {"@odata.context": f"{call.request.base}/$metadata#{fragment}"}


def message_context(call: Call) -> dict[str, str]:
    """Return the context of one message, wherever the path led."""
    root = call.profile.context_root(call.me)
    return context_of(call, f"{root}/{call.profile.segment('messages')}/$entity")


def folder_context(call: Call) -> dict[str, str]:
    """Return the context of one mail folder, wherever the path led."""
    root = call.profile.context_root(call.me)
    return context_of(call, f"{root}/{call.profile.segment('mailFolders')}/$entity")


def event_context(call: Call, view: MessageView) -> dict[str, str]:
    """Return what stands before the event inside a message: its own context."""
    profile = call.profile
    if call.preferences.metadata is Metadata.NONE or profile.has_event_links:
        return {}
    name, cast = profile.member("event"), f"{profile.namespace}.{profile.event_message.name}"
    root = f"{call.request.base}/$metadata#{profile.context_root(view.owner)}/{profile.segment('messages')}"
    message = key_text(view.id, safe=_IN_CONTEXT)
    return {f"{name}@odata.context": f"{root}{message}/{cast}/{profile.segment('event')}/$entity"}


def _entity(
    call: Call, type_name: str, url: Callable[[], str], tag: str | None = None, *, derived: str | None = None
) -> dict[str, str]:
    level = call.preferences.metadata
    if level is Metadata.NONE:
        return {}
    out: dict[str, str] = {}
    if derived is not None or level is Metadata.FULL:
        out["@odata.type"] = derived or f"#{call.profile.namespace}.{type_name}"
    if call.profile.has_entity_ids or level is Metadata.FULL:
        out["@odata.id"] = url()
    if tag is not None:
        out["@odata.etag"] = tag
    if level is Metadata.FULL:
        out["@odata.editLink"] = url().removeprefix(call.request.base + "/")
    return out
