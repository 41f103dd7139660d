"""The index of words over `tsvector` and GIN (https://www.postgresql.org/docs/current/textsearch.html).

What is stored are terms as they are, made without a parser; a query is written as one is, each term in quotes.
"""

from __future__ import annotations

from rsvpd.query.terms import AllOf, AnyOf, Term, Terms

PUT = (
    "INSERT INTO item_terms (mailbox, item, terms) VALUES ($1, $2, array_to_tsvector($3::text[]))"
    " ON CONFLICT (mailbox, item) DO UPDATE SET terms = excluded.terms"
)
DROP = "DELETE FROM item_terms WHERE mailbox = $1 AND item = $2"
DROP_SOME = (
    "DELETE FROM item_terms WHERE mailbox = $1 AND item IN (SELECT item FROM item_terms WHERE mailbox = $1 LIMIT $2)"
)
# Terms name the mailbox already. By themselves they are looked for in their index, and nowhere else.
FIND = (
    "WITH found AS MATERIALIZED (SELECT item FROM item_terms WHERE terms @@ $1::text::tsquery)"
    " SELECT item FROM found LIMIT $2"
)


def query_of(terms: Terms, mailbox: int) -> str:
    """Return terms as a `tsquery` is written."""
    match terms:
        case Term(text, is_open):
            return f"'{mailbox}{text}'{':*' if is_open else ''}"
        case AllOf(parts):
            return f"({' & '.join(query_of(part, mailbox) for part in parts)})"
        case AnyOf(parts):
            return f"({' | '.join(query_of(part, mailbox) for part in parts)})"
