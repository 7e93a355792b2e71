"""Runs Schemathesis with what it cannot learn from the OpenAPI document."""

import schemathesis
from hypothesis import strategies
from schemathesis.cli import schemathesis as main

SELECTORS = ["", "role=db", "role in (db,web),host=10.0.0.*", "!env", 'rack!="4, left"']
# Parameters of tasks may have 8 levels. A schema would need a part of its own for each level.
MAX_DEPTH = 8

schemathesis.openapi.format("selector", strategies.sampled_from(SELECTORS))


def depth(value):
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return max((1 + depth(child) for child in children), default=0)


@schemathesis.hook
def filter_body(context, body):
    return depth(body) <= MAX_DEPTH


main()
