"""Runs Schemathesis with what it cannot learn from the OpenAPI document."""

import schemathesis
from hypothesis import strategies
from schemathesis.cli import schemathesis as main

# Only these are sent: no pattern can tell other selectors from texts that are none.
SELECTORS = ["role=db", "role in (db,web),host=10.0.0.*", "!env", 'rack!="4, left"']
# Parameters of tasks may have 8 levels. A schema would need a part of its own for each level.
MAX_DEPTH = 8

schemathesis.openapi.format("selector", strategies.sampled_from(SELECTORS))


def depth(value):
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return max((1 + depth(child) for child in children), default=0)


def has_known_selector(container, name):
    text = container.get(name) if isinstance(container, dict) else None
    return not isinstance(text, str) or text in SELECTORS


@schemathesis.hook
def filter_query(context, query):
    return has_known_selector(query, "selector")


@schemathesis.hook
def filter_body(context, body):
    scopes = body.get("scopes") if isinstance(body, dict) else None
    return (
        depth(body) <= MAX_DEPTH
        and has_known_selector(body, "reads")
        and has_known_selector(scopes, "reads")
    )


main()
