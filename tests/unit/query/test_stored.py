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
from rsvpd.query.stored import from_bytes, to_bytes


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
