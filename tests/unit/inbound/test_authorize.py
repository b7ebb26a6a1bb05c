"""Whose request it is, as docs/adr/0006-who-is-asking.md decides it."""

import ast
from pathlib import Path
from typing import Any

import pytest

from bot.inbound.authorize import Claim, Foreign, claim_of, origin_of
from flows.errors import NotInstalled

HANDLERS = Path("bot/handlers")
# Keys of a payload that say who and where. The actor has this already.
IDS = {"team", "team_id", "enterprise", "enterprise_id", "user", "user_id", "authorizations"}


def submission(
    team: str | None, home: str, installed: str = "", enterprise: str = "", org: object = False
) -> dict[str, Any]:
    return {
        "type": "view_submission",
        "team": {"id": team} if team else None,
        "user": {"id": "U1", "team_id": home},
        "enterprise": {"id": enterprise} if enterprise else None,
        "is_enterprise_install": org,
        "view": {"app_installed_team_id": installed} if installed else {},
    }


def command(team: str, enterprise: str = "", org: str = "false") -> dict[str, Any]:
    form = {"user_id": "U1", "team_id": team, "is_enterprise_install": org}
    return {**form, **({"enterprise_id": enterprise} if enterprise else {})}


FITTING = {
    "a command in a workspace": (command("TA"), ("TA", "TA")),
    "a command under an organisation's installation": (command("TA", "E1", "true"), ("E1", "TA")),
    "a command in a workspace with its own installation": (command("TA", "E1"), ("TA", "TA")),
    "a form": (submission("TA", "TA", "TA"), ("TA", "TA")),
    "a colleague from another workspace": (submission("TA", "TB", "TA", "E1"), ("TA", "TA")),
    "an organisation, its team null": (submission(None, "TA", "", "E1", True), ("E1", "TA")),
    "an organisation opened the form": (submission("TA", "TA", "E1", "E1", True), ("E1", "TA")),
    "only the team is missing": (submission(None, "TA", "", "E1"), ("E1", "TA")),
}
STRANGE = {
    "the form of another company": submission("TB", "TB", "TA"),
    "another company's form, from an organisation": submission("TB", "TB", "TA", "E2"),
    "another company's form, from an org-wide one": submission("TB", "TB", "TA", "E2", True),
    "somebody of another company": submission("TA", "TB", "TA"),
    "somebody of another company presses": submission("TA", "TB"),
}
NOBODYS = {
    "an organisation without its id": submission("TA", "TA", "", "", True),
    "no workspace at all": {"user": {"id": "U1"}},
    "nobody": {"team_id": "TA", "is_enterprise_install": "false"},
}


@pytest.mark.parametrize("name", FITTING)
def test_the_installation_that_fits_and_the_workspace_in_it(name: str) -> None:
    body, expected = FITTING[name]
    assert claim_of(body).decide() == expected


@pytest.mark.parametrize("name", STRANGE)
def test_ids_that_disagree_make_a_stranger(name: str) -> None:
    with pytest.raises(Foreign):
        claim_of(STRANGE[name]).decide()


@pytest.mark.parametrize("name", NOBODYS)
def test_too_few_ids_fit_no_installation(name: str) -> None:
    with pytest.raises(NotInstalled):
        claim_of(NOBODYS[name]).decide()


def test_the_home_of_a_person_stays_known() -> None:
    claim = claim_of(submission("TA", "TB", "TA", "E1"))
    assert claim == Claim("U1", "TA", "TB", "TA", "E1", is_org_wide=False)


def event(team: str | None, *, sender: str = "", **authorized: Any) -> dict[str, Any]:
    happened = {"type": "message", **({"user_team": sender} if sender else {})}
    return {"team_id": team, "event": happened, "authorizations": [authorized]}


def test_an_event_belongs_to_the_installation_that_it_was_sent_to() -> None:
    org_wide = {"enterprise_id": "E1", "team_id": None, "is_enterprise_install": True}
    assert origin_of(event("TA", team_id="TA")) == ("TA", "TA")
    assert origin_of(event("TA", **org_wide)) == ("E1", "TA")
    assert origin_of(event(None, **org_wide)) == ("E1", "")
    assert origin_of(event("TB", team_id="TA", enterprise_id="E1")) == ("TA", "TA")
    assert origin_of({"team_id": "TA", "event": {"type": "message"}}) == ("TA", "TA")


@pytest.mark.parametrize("body", [event("TB", team_id="TA"), event("TA", sender="TB")])
def test_an_event_of_another_company_is_nobodys(body: dict[str, Any]) -> None:
    with pytest.raises(Foreign):
        origin_of(body)


@pytest.mark.parametrize("path", sorted(HANDLERS.glob("*.py")), ids=lambda path: path.stem)
def test_handlers_take_no_ids_from_payloads(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text())):
        key: object = None
        match node:
            case ast.Subscript(slice=ast.Constant(value=key)):
                pass
            case ast.Call(func=ast.Attribute(attr="get"), args=[ast.Constant(value=key), *_]):
                pass
        assert key not in IDS, f"{path}:{getattr(node, 'lineno', 0)} reads {key!r}"
