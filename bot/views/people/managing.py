"""Who can manage a set-up: refusals that name them, the dialog to change it, and what is told."""

import json
from collections.abc import Sequence
from dataclasses import asdict

from slack_sdk.models.blocks import (
    Block,
    ButtonElement,
    CheckboxesElement,
    UserMultiSelectElement,
)
from slack_sdk.models.views import View

from bot.ids import Action, Callback, input_action, input_block
from bot.strings import dialogs, names
from bot.strings import managing as strings
from bot.strings import messages as message_strings
from bot.strings.next_steps import LOOK_NEXT
from bot.views.kit.blocks import (
    actions,
    button,
    context,
    field,
    header,
    make_metadata,
    modal,
    option,
    plain,
    section,
    to_copy,
)
from bot.views.kit.message import Rendered, compose, naming
from bot.views.kit.name_list import name_list
from bot.views.kit.next_step import look_button, main_button, next_words, step_lines
from bot.views.kit.text import TOPLYNE, lines, moment, name, user
from flows.audit import OPERATOR, AuditEntry
from flows.errors import Field
from flows.model import Integration, Screen, Situation
from flows.outbox.bodies import AskedToGoOn, ColleagueDid, Deed
from flows.outbox.colleagues import may_add, still_asks
from flows.setup.blockers import current_screen, first_blocker
from flows.setup.people_steps import MOST_ADDED, WhoManages, asked_key, people_of
from flows.setup.permissions import Right, Wide, managing, starter
from flows.vocabulary import Stamp

MANAGE = "manage"  # in place of a screen, for what belongs to none


# --- refusals -------------------------------------------------------------------------------------


def refused_message(situation: Situation, right: Right) -> Rendered:
    """Answers a full member who may only look: the progress, who can, and one press to ask."""
    state = strings.REFUSED_STATE.format(who=able_words(situation.integration, right))
    steps = section(lines(step_lines(situation)))
    following = strings.REFUSED_NEXT.format(button=strings.ASK_BUTTON)
    refused = compose(state, following, [ask_button(right)], between=[steps])
    return naming(refused, situation.integration)


def refused_view(situation: Situation, right: Right, typed: str = "") -> View:
    """Answers in a modal whoever may only look. It shows what was `typed`, to be copied."""
    refused = refused_message(situation, right)
    blocks = [*refused.blocks[:-1], *to_copy(typed), refused.blocks[-1]]
    metadata = make_metadata(situation.integration)
    return modal(strings.TITLE, Callback.DONE, blocks, metadata=metadata)


def ask_button(right: Right) -> ButtonElement:
    value = right.value if isinstance(right, Screen) else MANAGE
    return button(strings.ASK_BUTTON, Action.ASK_MANAGERS, value, style="primary")


def right_of(value: str) -> Right:
    """Reads the value of an ask button."""
    return Wide.MANAGE if value == MANAGE else Screen(value)


def able_words(integration: Integration, right: Right) -> str:
    """Who can do it: mentions, and the admins, whom Slack does not name to apps."""
    return _listed([*map(user, managing(integration, right)), strings.ADMINS])


def onlooker_rows(situation: Situation) -> list[Block]:
    """On Home, in place of what somebody who only looks cannot press."""
    screen = current_screen(situation)
    words = strings.ONLOOKER.format(who=able_words(situation.integration, screen))
    return [section(words), actions(ask_button(screen))]


def not_member_message() -> Rendered:
    """Answers guests, apps, people who have left, and people of another company."""
    return compose(strings.NOT_MEMBER_STATE, strings.NOT_MEMBER_NEXT)


def kept_from_reader() -> Rendered:
    """In place of what somebody was told who is no full member any more."""
    return compose(strings.KEPT_STATE, strings.NOT_MEMBER_NEXT)


def not_member_home() -> View:
    told = compose(strings.NOT_MEMBER_HOME, strings.NOT_MEMBER_NEXT)
    blocks = [header(strings.NOT_MEMBER_HEADER), *told.blocks]
    return View(type="home", blocks=blocks)


def asked_words(to: Sequence[str]) -> str:
    if not to:
        return strings.NOBODY_LEFT
    return strings.ASKED.format(who=_listed([user(each) for each in to]))


# --- who can manage it ----------------------------------------------------------------------------


def people_view(situation: Situation, suggested: str = "") -> View:
    """Asks who else can manage the set-up. `suggested` is filled in."""
    integration = situation.integration
    chosen = dict.fromkeys([*(each.user_id for each in integration.added), suggested])
    chosen.pop("", None)
    people = UserMultiSelectElement(
        action_id=input_action(Field.PEOPLE),
        placeholder=plain(strings.PEOPLE_PLACEHOLDER),
        initial_users=list(chosen)[:MOST_ADDED] or None,
        max_selected_items=MOST_ADDED,
    )
    always = strings.PEOPLE_ALWAYS.format(starter=user(starter(integration)), admins=strings.ADMINS)
    block_id = input_block(Field.PEOPLE)
    hint = strings.PEOPLE_HINT
    return modal(
        strings.PEOPLE_TITLE,
        Callback.PEOPLE,
        [
            section(always),
            field(strings.PEOPLE_LABEL, people, block_id, hint=hint, optional=True),
            *_asked_ones(integration),
        ],
        submit=strings.PEOPLE_SUBMIT,
        close=dialogs.CANCEL,
        metadata=make_metadata(integration, shown=asdict(people_of(integration))),
    )


def people_shown(metadata: str) -> WhoManages:
    """What the form showed when it was drawn."""
    data = json.loads(metadata)
    return WhoManages(tuple(data.get("added", ())), tuple(data.get("asked", ())))


def _asked_ones(integration: Integration) -> list[Block]:
    """Those who were asked for one step, each ticked. Options are plain text, so names follow."""
    if not integration.asked:
        return []
    options = [
        option(f"{number}. {names.SCREEN[each.screen]}", asked_key(each))
        for number, each in enumerate(integration.asked, start=1)
    ]
    who = (
        strings.ASKED_ONE.format(
            number=number, who=user(each.user_id), screen=names.SCREEN[each.screen]
        )
        for number, each in enumerate(integration.asked, start=1)
    )
    boxes = CheckboxesElement(
        action_id=input_action(Field.ASKED), options=options, initial_options=options
    )
    label, hint = strings.ASKED_LABEL, strings.ASKED_HINT
    return [
        field(label, boxes, input_block(Field.ASKED), hint=hint, optional=True),
        context(lines(who)),
    ]


def people_row(integration: Integration) -> Block:
    """On Home, below Manage."""
    change = button(strings.PEOPLE_BUTTON, Action.PEOPLE)
    words = strings.PEOPLE_ROW.format(who=able_words(integration, Wide.MANAGE))
    return section(words, accessory=change)


def people_set_words(integration: Integration) -> str:
    return strings.PEOPLE_SET.format(who=able_words(integration, Wide.MANAGE))


# --- who did what ---------------------------------------------------------------------------------


def trail_view(entries: Sequence[AuditEntry]) -> View:
    """The audit trail of credentials, newest first."""
    told = lines(map(trail_line, entries)) if entries else strings.TRAIL_NONE
    return modal(strings.TRAIL_TITLE, Callback.DONE, [section(told)])


def trail_line(entry: AuditEntry) -> str:
    who = entry.who
    return strings.TRAIL_LINE.format(
        when=moment(who.at),
        who=_by(who),
        did=strings.TRAIL_DID[entry.what],
        secret=strings.TRAIL_SECRET[entry.secret],
    )


def _by(who: Stamp) -> str:
    """CSMs and operators are not in the customer's Slack."""
    if who.of_toplyne or who.by.startswith(OPERATOR):
        return TOPLYNE
    return user(who.by) if who.by else strings.TRAIL_APP


def trail_row() -> Block:
    """On Home, for everybody who may look."""
    return section(strings.TRAIL_ROW, accessory=button(strings.TRAIL_BUTTON, Action.WHO_DID))


# --- direct messages ------------------------------------------------------------------------------


def asked_to_go_on(body: AskedToGoOn, situation: Situation) -> Rendered:
    """To somebody who can: a colleague asks them to go on, or wants to do it."""
    by = user(body.by)
    if not still_asks(body, situation):
        return compose(strings.GO_ON_OVER_STATE.format(by=by), message_strings.OVER_NEXT)
    state, next_step, main = strings.GO_ON_STATE.format(by=by), LOOK_NEXT, look_button()
    if first_blocker(situation) or not situation.integration.begun:
        next_step, main = next_words(situation), main_button(situation)
    if not may_add(body, situation):
        return compose(state, next_step, [main])
    next_step = strings.GO_ON_NEXT.format(next=next_step)
    return compose(
        state, next_step, [main, button(strings.GO_ON_PEOPLE_BUTTON, Action.PEOPLE, body.by)]
    )


def colleague_did(body: ColleagueDid, situation: Situation) -> Rendered:
    """To the starter and the installer: somebody else replaced, deleted or changed something."""
    state = strings.DID[body.deed].format(
        by=user(body.by), what=name_list(body.sources or (body.what,)), before=name(body.before)
    )
    is_left = body.deed is Deed.DISCONNECTED
    if situation.integration.disconnected and not is_left:
        return compose(state, message_strings.OVER_NEXT)
    screen = current_screen(situation)
    ask = button(message_strings.ASK_HELP_BUTTON, Action.ASK_HELP, screen)
    buttons = [ask] if is_left else [look_button(), ask]
    return compose(state, strings.DID_NEXT.format(help=message_strings.ASK_HELP_BUTTON), buttons)


def _listed(words: Sequence[str]) -> str:
    """Words in a sentence: "a, b and c"."""
    *most, last = words
    return strings.AND.join([", ".join(most), last]) if most else last
