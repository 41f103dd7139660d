"""getMailTips: what a sender is told of recipients before a message is sent."""

from __future__ import annotations

from rsvpd.commands import mail_tips as commands
from rsvpd.dialects.microsoft.exchange import body, control_info, listing, replies
from rsvpd.dialects.microsoft.exchange.call import Call
from rsvpd.dialects.microsoft.tables.mail_tips import OPTIONS, members
from rsvpd.dialects.microsoft.vocabulary.codecs import read_texts
from rsvpd.dialects.wire import Response
from rsvpd.errors import InvalidProperty, MissingProperty, UnknownWord
from rsvpd.mail.tips import MailTips
from rsvpd.query.algebra import Page

MOST_ADDRESSES = 100
_LONGEST_OPTIONS = 1000
_SUGGESTIONS = "recipientSuggestions"
_BY_WORD = {word.lower(): member for word, member in OPTIONS.items()}


async def get_mail_tips(call: Call) -> Response:
    """Answer the tips about each recipient, in the order asked; of whom nothing can be told the entry says why."""
    addresses, asked = _addresses(call), _options(call)
    table = call.profile.tables.mail_tips[0]
    chosen = listing.selection(call, [table])
    suggests = _SUGGESTIONS in asked
    found = await call.door(commands.get_mail_tips, call.who, addresses, suggests=suggests)

    def select(one: MailTips) -> frozenset[str]:
        names = frozenset(call.profile.style.names(*members(one, asked)))
        return names if chosen is None else names & chosen

    values = [table.write(one, call.ctx, select(one)) for one in found]
    context = control_info.context_of(call, f"Collection({call.profile.namespace}.{table.name})")
    return replies.collection(call, values, Page(items=values), context=context)


def _addresses(call: Call) -> tuple[str, ...]:
    name = "EmailAddresses"
    try:
        addresses = read_texts(body.parameter(call.body, name))
    except ValueError as wrong:
        raise InvalidProperty(f"{name}: {wrong}", target=name) from None
    if not addresses:
        raise MissingProperty(f"{name}: at least one address is needed.", target=name)
    if len(addresses) > MOST_ADDRESSES:
        raise InvalidProperty(f"{name}: at most {MOST_ADDRESSES} addresses are possible.", target=name)
    return addresses


def _options(call: Call) -> tuple[str, ...]:
    """Return the members that are asked for, all of them where nothing is said."""
    text = body.text(call.body, "MailTipsOptions")
    if text is None:
        return tuple(OPTIONS.values())
    words = [one.strip() for one in text[:_LONGEST_OPTIONS].split(",")]
    for word in words:
        if word.lower() not in _BY_WORD:
            raise UnknownWord(f"Requested value '{word[:40]}' was not found.", target="MailTipsOptions")
    return tuple(dict.fromkeys(_BY_WORD[word.lower()] for word in words))
