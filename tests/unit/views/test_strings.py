"""Every code has its text, no text is left over, and all keep the tone."""

import ast
import importlib
import pkgutil
import re
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from enum import StrEnum
from pathlib import Path
from string import Formatter

import pytest

import bot.strings
from bot.strings import blockers, errors, names, notices, warnings
from bot.strings import replay as replay_strings
from bot.strings import setup as setup_strings
from bot.strings.dialogs import PROGRESS_DOING, PROGRESS_FOUND
from bot.views.kit.text import size
from bot.views.kit.wording import blocked_text, error_text, notice_text, warning_text
from flows.checks.question import CheckStage
from flows.errors import ErrorCode, Field, FieldError, Warned, WarningCode
from flows.model import Screen, Step
from flows.setup.blockers import Blocked, Blocker
from flows.setup.progress import StepState
from flows.setup.results import Notice
from flows.vocabulary import CallType, Plan, Region, Source
from tests.unit.setup.setup_cases import PARAMS

MODULES = [each.name for each in pkgutil.iter_modules(bot.strings.__path__)]
CODE = Path(bot.strings.__file__).parents[1]
FORBIDDEN = re.compile(r"\b(flows?|drops?|hand-?offs?|setup|click here|simply|just)\b", re.I)
DATE = re.compile(r"<!date\^[^>]*>|\b[A-Z][a-z]{2} \d{1,2}, \d{4}\b")
BESIDE_A_FIELD = 250  # longer texts are not read

TABLES: list[tuple[Mapping[StrEnum, object], type[StrEnum]]] = [
    (errors.ERRORS, ErrorCode),
    (warnings.WARNINGS, WarningCode),
    (notices.NOTICES, Notice),
    (blockers.BLOCKERS, Blocker),
    (PROGRESS_DOING, CheckStage),
    (PROGRESS_FOUND, CheckStage),
    (names.STEP, Step),
    (names.STEP_STATE, StepState),
    (names.STEP_MARK, StepState),
    (names.PLAN, Plan),
    (names.REGION, Region),
    (names.SCREEN, Screen),
    (replay_strings.GO_TO, Screen),
    (names.CALL_TYPE, CallType),
    (setup_strings.PLAN_UNLOCKS, Plan),
]


def texts(module: str) -> Iterator[str]:
    """Every text of a strings module, at any depth of its tables."""
    loaded = importlib.import_module(f"bot.strings.{module}")
    for name, value in vars(loaded).items():
        if name.isupper() and not str(value).startswith("<!doctype"):  # the frame of a web page
            yield from _texts_in(value)


def _texts_in(value: object) -> Iterator[str]:
    if isinstance(value, str) and not isinstance(value, StrEnum):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _texts_in(each)
    elif isinstance(value, tuple):
        for each in value:
            yield from _texts_in(each)
    elif is_dataclass(value):
        for each in fields(value):
            yield from _texts_in(getattr(value, each.name))


@pytest.mark.parametrize(("table", "codes"), TABLES)
def test_each_code_has_its_text_and_no_text_lacks_its_code(
    table: Mapping[StrEnum, object], codes: type[StrEnum]
) -> None:
    assert set(table) == set(codes)


@pytest.mark.parametrize("module", MODULES)
def test_texts_keep_the_tone(module: str) -> None:
    for text in texts(module):
        assert not FORBIDDEN.search(text.replace("/segment", "")), text
        assert "!" not in text, text
        assert "  " not in text, text
        assert "'" not in text, f"a typewriter's apostrophe: {text}"
        assert not re.search(r":[a-z_]+:", text), f"an emoji code: {text}"


@pytest.mark.parametrize("module", MODULES)
def test_texts_can_be_filled_in(module: str) -> None:
    for text in texts(module):
        for _, parameter, spec, _ in Formatter().parse(text):
            assert parameter is None or re.fullmatch(r"[a-z_]+", parameter), text
            assert not spec, text


@pytest.mark.parametrize("module", MODULES)
def test_no_text_is_left_over(module: str) -> None:
    path = CODE / "strings" / f"{module}.py"
    defined = set(re.findall(r"^([A-Z][A-Z0-9_]*)\b", path.read_text(), re.M))
    used = _inside(path.read_text()).union(*(_names(p) for p in _readers(module)))
    assert defined - used == set()


def _readers(module: str) -> list[Path]:
    """The files that import a strings module."""
    wanted = re.compile(
        rf"from bot\.strings\.{module} import|from bot\.strings import [^(\n]*\b{module}\b"
        rf"|from bot\.strings import \([^)]*\b{module}\b"
    )
    return [path for path in CODE.rglob("*.py") if wanted.search(path.read_text())]


def _names(path: Path) -> set[str]:
    return set(re.findall(r"\b[A-Z][A-Z0-9_]*\b", path.read_text()))


def _inside(source: str) -> set[str]:
    """Names that other texts of the same module use."""
    loads = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name))
    return {node.id for node in loads if isinstance(node.ctx, ast.Load)}


@pytest.mark.parametrize("code", list(ErrorCode))
def test_errors_are_short_whole_sentences_for_every_field(code: ErrorCode) -> None:
    for field in Field:
        text = error_text(FieldError(field, code, PARAMS))
        assert size(text) <= BESIDE_A_FIELD
        assert text[0].isupper()
        assert text.endswith((".", PARAMS["slug"]))
        assert "{" not in text


def test_who_typed_a_secret_where_it_does_not_belong_is_told_to_revoke_it() -> None:
    assert "revoke it" in error_text(FieldError(Field.NOTE, ErrorCode.LOOKS_SECRET))


def test_long_names_leave_an_error_readable() -> None:
    long = dict.fromkeys(PARAMS, "Wide name " * 20)
    for code in ErrorCode:
        assert size(error_text(FieldError(Field.TOKEN, code, long))) <= 350


def test_an_unknown_source_that_may_be_a_key_is_not_repeated() -> None:
    params = {"id": "", "workspace": "Acme"}
    text = error_text(FieldError(Field.SOURCE_IDS, ErrorCode.SOURCE_UNKNOWN, params))
    assert "looks like a key" in text
    assert "Acme" in text


def test_a_refused_call_is_named_in_words() -> None:
    for call, said in (("sources", "list the sources"), ("strange", "read what is needed")):
        params = {"call": call, "role": "Workspace Owner"}
        assert said in error_text(FieldError(Field.TOKEN, ErrorCode.TOKEN_LACKS_CALL, params))


@pytest.mark.parametrize("code", list(WarningCode))
def test_warnings_are_whole_sentences(code: WarningCode) -> None:
    text = warning_text(Warned(code, PARAMS))
    said = DATE.sub("a day", text)
    assert said.endswith(".")
    assert "{" not in said
    assert not re.search(r"\d{4}-\d{2}", said), "days are written in words"
    named = ("{date}", "{since}", "{upgraded}", "{start}", "{end}")
    assert len(DATE.findall(text)) == sum(warnings.WARNINGS[code].count(each) for each in named)


def test_a_missing_call_type_says_what_is_lost() -> None:
    params = {"source": "Web app", "call_types": "group"}
    text = warning_text(Warned(WarningCode.MISSING_CALL_TYPES, params))
    assert "Group" in text
    assert "accounts cannot be built" in text


def test_what_is_said_of_a_replay_that_toplyne_sent_back_claims_no_history_there() -> None:
    said = warning_text(Warned(WarningCode.SEGMENT_RAN_IT, {"number": "1"}))
    assert "is in Toplyne" not in said
    assert "ask Toplyne" not in said, "they have asked for it"
    assert "comes once more" in said


@pytest.mark.parametrize("notice", list(Notice))
def test_notices_are_whole_sentences(notice: Notice) -> None:
    assert notice_text(notice).endswith(".")
    assert not set("*_`~<>") & set(notice_text(notice)), "shown as it is, without markup"


@pytest.mark.parametrize("blocker", list(Blocker))
def test_blockers_name_their_source_escaped_for_markup_only(blocker: Blocker) -> None:
    blocked = Blocked(blocker, Source("id", "slug", "<!channel> & Co"))
    marked, bare = blocked_text(blocked), blocked_text(blocked, markup=False)
    assert marked.state.endswith(".")
    assert not marked.next.endswith(".")
    assert "<!channel>" not in "".join((marked.state, marked.next, *marked.steps))
    assert "&amp;" not in "".join((bare.state, bare.next, bare.csm))
    assert "{" not in "".join((marked.state, marked.next, marked.csm, *marked.steps))
