"""Questions that are kept come back as they were."""

from __future__ import annotations

import pytest

from rsvpd.query.algebra import (
    And,
    Apply,
    Cmp,
    Computed,
    Constant,
    Contains,
    Function,
    Has,
    HasExtended,
    In,
    InWindow,
    Node,
    Not,
    Of,
    Op,
    Or,
    StartsWith,
    Words,
)
from rsvpd.query.fields import MESSAGE_FIELDS
from rsvpd.query.stored import from_bytes, to_bytes

# As data files have it since schema 24: what is renamed in code needs a step of the schema.
KEPT = (
    b'{"type":"And","parts":[{"type":"In","field":"flag","values":["flagged",null]},{"type":"Or","parts":'
    b'[{"type":"Contains","field":"body","text":"a"},{"type":"Not","part":{"type":"StartsWith","field":"subject",'
    b'"text":"b"}}]},{"type":"Cmp","field":"received","op":"ge","value":5},{"type":"Has","field":"categories","test":'
    b'{"type":"Cmp","field":"item","op":"eq","value":"Sea"}},{"type":"Computed","term":{"type":"Apply","function":'
    b'"length","arguments":[{"type":"Of","field":"subject"}]},"test":{"type":"Cmp","field":"item","op":"gt","value":3}},'
    b'{"type":"HasExtended","form":"single","name":"A","test":{"type":"Cmp","field":"item","op":"eq","value":"b"},'
    b'"is_number":false}]}'
)
FIELDS_KEPT = (
    "bcc bcc_names body categories cc cc_names conversation created extended flag from from_name has_attachments"
    " importance inference internet_message_id is_draft is_read meeting modified received sender sender_name sent"
    " subject to to_names"
)


@pytest.mark.parametrize(
    "node",
    [
        Cmp("is_read", Op.EQ, False),
        Cmp("received", Op.GE, 1_700_000_000_000_000),
        Cmp("subject", Op.NE, None),
        And((In("flag", ("flagged", None)), Or((Contains("body", "a"), Not(StartsWith("subject", "b")))))),
        Has("categories", Cmp("item", Op.EQ, "Sea")),
        Computed(Apply(Function.CONCAT, (Of("subject"), Constant("x"))), Cmp("item", Op.EQ, "yx")),
        HasExtended("single", "name", Cmp("item", Op.EQ, "b"), is_number=True),
        Words("body", ("a", "b"), is_open=True),
        InWindow(1, None),
    ],
)
def test_a_question_is_kept(node: Node) -> None:
    assert from_bytes(to_bytes(node)) == node


def test_a_question_of_an_older_version_is_understood() -> None:
    assert from_bytes(KEPT) == And((
        In("flag", ("flagged", None)),
        Or((Contains("body", "a"), Not(StartsWith("subject", "b")))),
        Cmp("received", Op.GE, 5),
        Has("categories", Cmp("item", Op.EQ, "Sea")),
        Computed(Apply(Function.LENGTH, (Of("subject"),)), Cmp("item", Op.GT, 3)),
        HasExtended("single", "A", Cmp("item", Op.EQ, "b")),
    ))  # fmt: skip
    assert set(FIELDS_KEPT.split()) <= set(MESSAGE_FIELDS)
