"""The control page: rules in force, what they did, the books; for people at ``/control``, for programs beside it.

``GET /control.json`` reads it all, ``POST /control/rules`` with ``{"rules": [...], "seed": 7}`` adds rules to those in
force, ``DELETE /control/rules`` takes all of them out. Only this computer may ask, and no page of another site.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping
from html import escape
from pathlib import Path
from string import Template
from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, Form
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from sandbox.audit import report
from sandbox.errors import ApiError, invalid
from sandbox.faults import ANY, KINDS, TARGETS, FaultPlan
from sandbox.prompt_tags import TAGS

_TEMPLATE = Template(Path(__file__).with_name("control.html").read_text(encoding="utf-8"))
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'"
_HEADERS = {"Cache-Control": "no-store", "Content-Security-Policy": _POLICY}


def _is_here(host: str | None) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False


def _only_this_computer(request: Request) -> None:
    # The names too: another site's page could post here, or give its own name our address.
    names = [request.client.host if request.client else None, request.url.hostname]
    if "origin" in request.headers:
        names.append(urlsplit(request.headers["origin"]).hostname)
    if not all(map(_is_here, names)):
        raise ApiError("api_scope_denied", "The control page is for this computer only.")


control = APIRouter(include_in_schema=False, dependencies=[Depends(_only_this_computer)])


class NewRules(BaseModel):
    """Rules to add."""

    rules: list[str]
    seed: int = 0


def _plan(request: Request) -> FaultPlan:
    plan: FaultPlan = request.app.state.faults
    return plan


PlanOf = Annotated[FaultPlan, Depends(_plan)]


@control.get("/control")
def show(request: Request, plan: PlanOf) -> Response:
    """Show the page."""
    return _page(request, plan)


@control.post("/control")
def add_by_form(
    request: Request,
    plan: PlanOf,
    target: Annotated[str, Form()],
    kind: Annotated[str, Form()],
    when: Annotated[str, Form()] = "",
    seed: Annotated[int, Form()] = 0,
) -> Response:
    """Add the rule of the form."""
    try:
        plan.add([f"{target}={kind}{when.strip()}"], seed)
    except ValueError as error:
        return _page(request, plan, problem=str(error))
    return RedirectResponse("/control", 303)


@control.post("/control/remove")
def remove_by_form(plan: PlanOf, rule: Annotated[int | None, Form()] = None) -> Response:
    """Take one rule out, or all of them when none is named."""
    if rule is None:
        plan.replace([])
    else:
        plan.remove(rule)
    return RedirectResponse("/control", 303)


@control.get("/control.json")
def read(request: Request, plan: PlanOf) -> dict[str, Any]:
    """Return the books, the rules in force and everything that a rule may say."""
    return {
        **report(request.app.state.ledger, plan),
        "kinds": {kind.name: {"words": kind.words, "targets": sorted(kind.targets)} for kind in KINDS.values()},
        "targets": dict(TARGETS),
        "tags": dict(TAGS),
    }


@control.post("/control/rules")
def add_rules(plan: PlanOf, new: NewRules) -> dict[str, Any]:
    """Add rules; return all that are in force."""
    try:
        plan.add(new.rules, new.seed)
    except ValueError as error:
        raise invalid("rules", f"{error}.") from error
    return {"faults": plan.report()}


@control.delete("/control/rules")
def remove_rules(plan: PlanOf) -> dict[str, Any]:
    """Take all rules out of force."""
    plan.replace([])
    return {"faults": []}


def _page(request: Request, plan: FaultPlan, problem: str = "") -> HTMLResponse:
    books = report(request.app.state.ledger, plan)
    page = _TEMPLATE.substitute(
        problem=f'<p class="problem" role="alert">{escape(problem)}</p>' if problem else "",
        rules="".join(map(_rule_row, books["faults"])) or '<tr><td colspan="4">No rule is in force.</td></tr>',
        targets=_options([*TARGETS, ANY]),
        kinds=_options(KINDS),
        figures=_rows(_figures(books)),
        kind_rows=_rows((f"{kind.name}", kind.words) for kind in KINDS.values()),
        target_rows=_rows(TARGETS.items()),
        tag_rows=_rows(TAGS.items()),
    )
    return HTMLResponse(page, 400 if problem else 200, _HEADERS)


def _figures(books: Mapping[str, Any]) -> list[tuple[str, object]]:
    return [
        ("Balance", f"{books['balance']} of {books['granted']} credits"),
        ("Charged", f"{books['charged']} credits"),
        ("Books", "add up" if books["ledger_ok"] else "DO NOT ADD UP"),
        ("Creations received", books["creates_received"]),
        ("Tasks created", books["tasks_created"]),
        *((f"Tasks {status}", count) for status, count in sorted(books["tasks"].items())),
        *((f"Requests: {target}", count) for target, count in sorted(books["requests"].items())),
    ]


def _rule_row(rule: Mapping[str, Any]) -> str:
    button = f'<button name="rule" value="{rule["id"]}">Remove</button>'
    form = f'<form method="post" action="/control/remove">{button}</form>'
    cells = f"<td><code>{escape(rule['rule'])}</code></td><td>{rule['matched']}</td><td>{rule['fired']}</td>"
    return f"<tr>{cells}<td>{form}</td></tr>"


def _rows(pairs: Iterable[tuple[object, object]]) -> str:
    return "".join(
        f"<tr><th scope='row'>{escape(str(name))}</th><td>{escape(str(value))}</td></tr>" for name, value in pairs
    )


def _options(names: Iterable[str]) -> str:
    return "".join(f"<option>{escape(name)}</option>" for name in names)
