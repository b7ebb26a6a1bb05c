"""The status card of a customer in the CSM channel, and the lines in its thread."""

from collections.abc import Mapping, Sequence

from slack_sdk.models.blocks import ButtonElement

from bot.ids import Action
from bot.strings import cards as strings
from bot.strings import names as name_strings
from bot.views.handover import handover_lines
from bot.views.history_lines import problem_words, thread_line
from bot.views.kit import actions, button, confirm, section
from bot.views.message import Rendered, spoken
from bot.views.name_list import name_list
from bot.views.next_step import outstanding, person
from bot.views.text import clip, lines, moment, name, tidy
from bot.views.wording import blocked_text, workspace_words
from bot.views.write_back import card_lines
from flows.announcements import THREAD_EVENTS, contact
from flows.blockers import Blocked, Blocker, incidents
from flows.deliveries import StoredDelivery
from flows.history import Event
from flows.model import Integration, Outcome, Plan, Situation, WaitingOn
from flows.reminders import has_run_out
from flows.since import blocked_since

__all__ = [
    "STUCK_AFTER",
    "THREAD_EVENTS",
    "card_message",
    "former_card_message",
    "thread_message",
    "uninstalled_card",
]

STUCK_AFTER = 3  # failed tries in a row
PLAIN_NAME = 80


def card_message(
    situation: Situation,
    *,
    installation_name: str,
    customer_value: str,
    names: Mapping[str, str],
    handovers: Sequence[StoredDelivery] = (),
) -> Rendered:
    """The card of one customer; `customer_value` comes back with each of its buttons.

    `names` maps user ids to display names: people of another workspace cannot be mentioned.
    `handovers` is what Toplyne's backend is given, newest first.
    """
    blocked = outstanding(situation)
    state = _state(situation, blocked, strings.STATE)
    aloud = _state(situation, blocked, strings.STATE_SPOKEN)
    next_step = _next(situation, blocked, names)
    details = _details(situation, blocked, names)
    title = strings.TITLE.format(customer=name(installation_name), state=state)
    parts = [title, *details, *handover_lines(handovers), strings.NEXT.format(next=next_step)]
    buttons = _buttons(situation, blocked, installation_name, customer_value)
    said = strings.SPOKEN.format(customer=name(installation_name), state=aloud, next=next_step)
    blocks = [section(lines(parts)), *([actions(*buttons)] if buttons else [])]
    return Rendered(spoken([said], buttons), blocks)


def uninstalled_card(situation: Situation, *, installation_name: str) -> Rendered:
    """The card of a customer whose Slack workspace the app has left."""
    active = situation.integration.last_active or situation.integration.created
    customer = name(installation_name)
    title = strings.TITLE.format(customer=customer, state=strings.UNINSTALLED)
    parts = [
        title,
        _workspace(situation.integration),
        strings.PLAN.format(plan=_plan(situation.integration)),
        strings.LAST_ACTIVE.format(when=moment(active.at)),
        strings.NEXT.format(next=strings.UNINSTALLED_NEXT),
    ]
    said = strings.SPOKEN.format(
        customer=customer, state=strings.UNINSTALLED, next=strings.UNINSTALLED_NEXT
    )
    return Rendered(spoken([said], []), [section(lines(parts))])


def thread_message(event: Event, *, names: Mapping[str, str]) -> Rendered:
    """One event as a line in the thread; its kind must be one of `THREAD_EVENTS`."""
    line = thread_line(event, lambda user_id: person(user_id, names))
    return Rendered(line, [section(line)])


def former_card_message(link: str) -> Rendered:
    """In the thread of a card that had to be posted anew; `link` is Slack's own address."""
    line = strings.FORMER.format(link=link)
    return Rendered(line, [section(line)])


def _state(situation: Situation, blocked: Blocked | None, template: str) -> str:
    if situation.integration.disconnected:
        return strings.DISCONNECTED
    if blocked is None:
        return strings.FINISHED[situation.integration.outcome or Outcome.WITH_HISTORY]
    step = name_strings.STEP[blocked.step]
    return template.format(step=step, blocker=blocked_text(blocked).csm)


def _details(situation: Situation, blocked: Blocked | None, names: Mapping[str, str]) -> list[str]:
    integration = situation.integration
    active = integration.last_active or integration.created
    return [
        _workspace(integration),
        *_broken(situation, blocked),
        *([strings.FORGOTTEN] if integration.token_forgotten else []),
        strings.PLAN.format(plan=_plan(integration)),
        _waiting(situation, blocked),
        strings.CONTACT.format(contact=person(contact(integration), names)),
        strings.LAST_ACTIVE.format(when=moment(active.at)),
        *_tries(integration),
        *card_lines(integration, names),
        *_reminders(situation),
    ]


def _broken(situation: Situation, first: Blocked | None) -> list[str]:
    """What was reached all the same, and what is broken beside the first thing, which stands
    above.
    """
    broken = incidents(situation.integration, situation.observed)
    if not broken or first is None:
        return []
    outcome = situation.integration.outcome
    reached = [strings.REACHED.format(outcome=strings.FINISHED[outcome])] if outcome else []
    others = name_list(blocked_text(each, markup=False).csm for each in broken[1:])
    return [*reached, *([strings.BROKEN.format(broken=others)] if others else [])]


def _workspace(integration: Integration) -> str:
    credentials = integration.credentials
    if credentials is None:
        return strings.NO_WORKSPACE
    return strings.WORKSPACE.format(
        workspace=workspace_words(credentials.workspace),
        verification=strings.VERIFICATION[credentials.verification],
    )


def _plan(integration: Integration) -> str:
    if integration.plan is None:
        return strings.PLAN_UNKNOWN
    plan = name_strings.PLAN[integration.plan]
    if integration.plan is not Plan.BUSINESS:
        return plan
    region = name_strings.REGION[integration.region]
    return strings.PLAN_WITH_REGION.format(plan=plan, region=region)


def _waiting(situation: Situation, blocked: Blocked | None) -> str:
    since = moment(blocked_since(situation.integration, situation.observed, blocked))
    if blocked is None:
        return strings.SETTLED.format(since=since)
    return strings.WAITING.format(who=strings.WAITING_NAME[blocked.waiting_on], since=since)


def _tries(integration: Integration) -> list[str]:
    if not integration.failed_tries:
        return []
    problem = problem_words(integration.last_error)
    return [strings.TRIES.format(count=integration.failed_tries, problem=problem)]


def _reminders(situation: Situation) -> list[str]:
    facts = situation.integration.reminders
    found = [strings.RAN_OUT] if has_run_out(situation.integration, situation.observed) else []
    if facts.quiet:
        found.append(strings.QUIET)
    elif facts.snooze and facts.snooze.until > situation.now:
        found.append(strings.SNOOZED.format(until=moment(facts.snooze.until)))
    return found


def _next(situation: Situation, blocked: Blocked | None, names: Mapping[str, str]) -> str:
    integration = situation.integration
    if blocked is None:
        return strings.NEXT_SETTLED
    if blocked.blocker in strings.NEXT_BY_BLOCKER:
        return strings.NEXT_BY_BLOCKER[blocked.blocker]
    template = strings.NEXT_BY_WAITING[blocked.waiting_on]
    if blocked.waiting_on is WaitingOn.CUSTOMER and integration.failed_tries >= STUCK_AFTER:
        template = strings.NEXT_STUCK
    elif has_run_out(integration, situation.observed):
        template = strings.NEXT_RAN_OUT
    return template.format(contact=person(contact(integration), names))


def _buttons(
    situation: Situation, blocked: Blocked | None, installation_name: str, value: str
) -> list[ButtonElement]:
    match blocked.blocker if blocked else None:
        case Blocker.CREDENTIALS_UNVERIFIED:
            return [
                _confirm_button(situation.integration, value),
                button(strings.REJECT_BUTTON, Action.CSM_REJECT, value),
            ]
        case Blocker.ARRIVAL_UNCONFIRMED:
            return [_arriving_button(installation_name, value)]
    return []


def _confirm_button(integration: Integration, value: str) -> ButtonElement:
    credentials = integration.credentials
    workspace = _plain(credentials.workspace.label) if credentials else ""
    question = confirm(
        strings.CONFIRM_TITLE,
        strings.CONFIRM_TEXT.format(workspace=workspace),
        yes=strings.CONFIRM_YES,
        no=strings.NOT_YET,
    )
    return button(
        strings.CONFIRM_BUTTON, Action.CSM_CONFIRM, value, style="primary", confirm=question
    )


def _arriving_button(customer: str, value: str) -> ButtonElement:
    question = confirm(
        strings.ARRIVING_TITLE,
        strings.ARRIVING_TEXT.format(customer=_plain(customer)),
        yes=strings.ARRIVING_YES,
        no=strings.NOT_YET,
    )
    return button(
        strings.ARRIVING_BUTTON, Action.CSM_ARRIVING, value, style="primary", confirm=question
    )


def _plain(text: str) -> str:
    return clip(tidy(text), PLAIN_NAME)
