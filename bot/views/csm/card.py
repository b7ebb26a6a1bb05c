"""A customer's status card in the CSM channel."""

from collections.abc import Mapping, Sequence

from slack_sdk.models.blocks import Block, ButtonElement

from bot.strings import cards as strings
from bot.strings import events as event_strings
from bot.strings import names as name_strings
from bot.views.csm.buttons import card_buttons
from bot.views.csm.questions import next_answer, question_blocks
from bot.views.csm.toplyne import toplyne_lines
from bot.views.kit.blocks import actions, context, section, with_ids
from bot.views.kit.message import Rendered, spoken
from bot.views.kit.name_list import first_of, name_list
from bot.views.kit.next_step import person, silent_words
from bot.views.kit.text import lines, moment, name, since, user
from bot.views.kit.wording import blocked_text, unheard_lines, workspace_words
from bot.views.people.history_lines import problem_words, promised
from bot.views.replay.lines import request_lines
from bot.views.setup.write_back import card_lines
from flows.csm.needs import is_overdue
from flows.csm.steps import oldest_unconfirmed
from flows.csm.waiting import awaited
from flows.model import Integration, Outcome, Situation, WaitingOn
from flows.outbox.toplyne_bodies import CustomerLeft
from flows.reminders.schedule import last_reminder
from flows.replay.events import Left, OpenEnd
from flows.replay.steps import open_ends
from flows.setup.blockers import (
    Blocked,
    Blocker,
    due_blocker,
    first_blocker,
    historic_sync_blocker,
    incidents,
)
from flows.setup.permissions import contact
from flows.setup.replays import is_under_way
from flows.setup.steps import STUCK_AFTER
from flows.toplyne.model import StoredDelivery
from flows.vocabulary import Plan


def card_message(
    situation: Situation,
    *,
    installation_name: str,
    customer_value: str,
    names: Mapping[str, str],
    deliveries: Sequence[StoredDelivery] = (),
    owner_left: bool = False,
) -> Rendered:
    """The card of one customer. Each of its buttons sends `customer_value` back.

    `names` are display names by user id, as people of another workspace cannot be mentioned.
    `deliveries` are those to Toplyne's backend, newest first. Where the owner left Toplyne, anybody
    can claim the customer.
    """
    blocked = first_blocker(situation)
    state = _state(situation, blocked, strings.STATE)
    aloud = _state(situation, blocked, strings.STATE_SPOKEN)
    next_step = _next(situation, blocked, names)
    details = (*_details(situation, blocked, names), *toplyne_lines(deliveries))
    title = strings.TITLE.format(customer=name(installation_name), state=state)
    head = (title, strings.NEXT.format(next=next_step))
    elements = card_buttons(
        situation, blocked, installation_name, customer_value, owner_left=owner_left
    )
    buttons = [each for each in elements if isinstance(each, ButtonElement)]
    told = strings.SPOKEN.format(customer=name(installation_name), state=aloud, next=next_step)
    questions = question_blocks(situation.integration, customer_value, names)
    blocks: list[Block] = [
        section(lines(head)),
        context(lines(details)),
        *questions,
        actions(*elements),
    ]
    return Rendered(spoken([told], buttons), with_ids(blocks))


def farewell_card(left: CustomerLeft) -> Rendered:
    """The last state of a card: the app was uninstalled, and all other data is deleted."""
    customer, account = name(left.customer), name(left.account)
    parts = [
        strings.TITLE.format(customer=customer, state=strings.UNINSTALLED),
        *([strings.ACCOUNT.format(account=account)] if account else []),
        strings.NEXT.format(next=strings.UNINSTALLED_NEXT),
    ]
    told = strings.SPOKEN.format(
        customer=customer, state=strings.UNINSTALLED, next=strings.UNINSTALLED_NEXT
    )
    return Rendered(told, [section(lines(parts))])


def farewell_line(left: CustomerLeft) -> Rendered:
    """The last line in the thread. It mentions the owner, since a card's edits notify nobody."""
    line = strings.UNINSTALLED_LINE
    if left.owner:
        line = event_strings.OWNER_CALLED.format(owner=user(left.owner), line=line)
    if left.former:
        line = lines([line, strings.FORMER.format(link=left.former)])
    return Rendered(line, [section(line)])


def _state(situation: Situation, blocked: Blocked | None, template: str) -> str:
    if situation.integration.disconnected:
        return strings.DISCONNECTED
    if blocked is None:
        return strings.FINISHED[situation.integration.outcome or Outcome.WITH_HISTORY]
    step = name_strings.STEP[blocked.blocker.step]
    return template.format(step=step, blocker=blocked_text(blocked).csm)


def _details(situation: Situation, blocked: Blocked | None, names: Mapping[str, str]) -> list[str]:
    """Who and since when in one line, what in the next, then one line for each special thing."""
    integration = situation.integration
    active = integration.last_active or integration.created
    people = [
        strings.OWNER.format(owner=_owner(integration, names)),
        _waiting(situation),
        strings.CONTACT.format(contact=person(contact(integration), names)),
        strings.LAST_ACTIVE.format(when=since(active.at)),
    ]
    return [
        strings.BETWEEN.join(people),
        *filter(None, (strings.BETWEEN.join(_known(integration)),)),
        *_beside(situation, blocked),
        *_left_open(situation),
        *unheard_lines(situation),
        *([strings.FORGOTTEN] if integration.token_forgotten else []),
        *_scheduled(integration),
        *_connected(integration, names),
        *_tries(integration),
        *card_lines(integration, names),
        *_reminders(situation, blocked),
        *request_lines(integration),
    ]


def _known(integration: Integration) -> list[str]:
    """What is known of plan, workspace and account. What is not known has no place here."""
    account = name(integration.csm.account)
    return [
        *(
            [strings.PLAN.format(plan=_plan(integration, integration.plan))]
            if integration.plan
            else []
        ),
        *_workspace(integration),
        *([strings.ACCOUNT.format(account=account)] if account else []),
    ]


def _owner(integration: Integration, names: Mapping[str, str]) -> str:
    owner = integration.csm.owner
    return person(owner.by, names) if owner else strings.NO_OWNER


def _scheduled(integration: Integration) -> list[str]:
    said = integration.replay_scheduled
    if said is None or integration.replay_running:
        return []
    details = promised(said.on, said.ticket, said.missed)
    return [strings.SCHEDULED.format(details=details)]


def _beside(situation: Situation, first: Blocked | None) -> list[str]:
    """What holds beside the first thing: the outcome, a Replay, and what else is broken."""
    integration = situation.integration
    if first is None:
        return []
    outcome = integration.outcome
    reached = [strings.REACHED.format(outcome=strings.FINISHED[outcome])] if outcome else []
    replay = historic_sync_blocker(integration) if is_under_way(integration) else None
    if replay and replay != first and not _scheduled(integration):
        reached.append(strings.REPLAY.format(state=blocked_text(replay).csm))
    broken = (blocked_text(each).csm for each in incidents(situation)[1:])
    others = first_of(broken, strings.AND)
    return [*reached, *([strings.BROKEN.format(broken=others)] if others else [])]


def _workspace(integration: Integration) -> list[str]:
    credentials = integration.credentials
    if credentials is None:
        return []
    words = strings.WORKSPACE.format(
        workspace=workspace_words(credentials.workspace),
        verification=strings.VERIFICATION[credentials.verification],
    )
    return [words]


def _plan(integration: Integration, chosen: Plan) -> str:
    plan = name_strings.PLAN[chosen]
    if chosen is not Plan.BUSINESS or integration.credentials is None:
        return plan
    region = name_strings.REGION[integration.region]
    return strings.PLAN_WITH_REGION.format(plan=plan, region=region)


def _waiting(situation: Situation) -> str:
    waits = awaited(situation)
    if waits.who is None:
        return strings.SETTLED.format(since=since(waits.since))
    return strings.WAITING.format(who=strings.WAITING_NAME[waits.who], since=since(waits.since))


def _left_open(situation: Situation) -> list[str]:
    """What is still open for the customer beside the first thing, or after the end."""
    if first_blocker(situation):
        return list(filter(None, [silent_words(situation)]))
    shown = first_of(filter(None, map(_left, open_ends(situation))), strings.AND)
    return [strings.LEFT_OPEN.format(what=shown)] if shown else []


def _left(end: OpenEnd) -> str:
    """mrkdwn. Empty for what the card says elsewhere."""
    if end.blocked:
        return blocked_text(end.blocked).csm
    sources = name_list(source.label for source in end.sources)
    return strings.LEFT_HISTORY.format(sources=sources) if end.what is Left.HISTORY else ""


def _connected(integration: Integration, names: Mapping[str, str]) -> list[str]:
    """Free: who says that there is something to look for."""
    said = integration.says_connected
    if said is None or integration.live_started:
        return []
    return [strings.CONNECTED.format(who=person(said.by, names), when=since(said.at))]


def _tries(integration: Integration) -> list[str]:
    if not integration.failed_tries:
        return []
    problem = problem_words(integration.last_error)
    return [strings.TRIES.format(count=integration.failed_tries, problem=problem)]


def _reminders(situation: Situation, blocked: Blocked | None) -> list[str]:
    facts, found = situation.integration.reminders, []
    if last := last_reminder(situation):
        found.append(strings.UNREACHED if last.reached_nobody else _ran_out(situation, blocked))
    if facts.quiet:
        found.append(strings.QUIET)
    elif facts.snooze and facts.snooze.until > situation.now:
        found.append(strings.SNOOZED.format(until=moment(facts.snooze.until)))
    return found


def _ran_out(situation: Situation, blocked: Blocked | None) -> str:
    """What the reminders were about, if something that broke stands on the card."""
    about = due_blocker(situation)
    if about is None or about == blocked:
        return strings.RAN_OUT
    return strings.RAN_OUT_OF.format(what=blocked_text(about).csm)


def _next(situation: Situation, blocked: Blocked | None, names: Mapping[str, str]) -> str:
    integration = situation.integration
    if to_answer := next_answer(integration, names):
        return to_answer
    if blocked is None:
        return _next_after_the_end(situation, names)
    if blocked.blocker in strings.NEXT_BY_BLOCKER:
        return strings.NEXT_BY_BLOCKER[blocked.blocker]
    template = _waits(blocked, integration)
    if blocked.blocker.waiting_on is WaitingOn.CUSTOMER and integration.failed_tries >= STUCK_AFTER:
        template = strings.NEXT_STUCK
    elif blocked == due_blocker(situation) and (last := last_reminder(situation)):
        template = strings.NEXT_UNREACHED if last.reached_nobody else strings.NEXT_RAN_OUT
    return template.format(contact=person(contact(integration), names))


def _waits(blocked: Blocked, integration: Integration) -> str:
    """For whom it waits. Segment has answered once it named a day or runs the Replay."""
    if blocked.blocker.waiting_on is WaitingOn.SEGMENT and is_overdue(integration):
        return strings.NEXT_OVERDUE
    if blocked.blocker is Blocker.REPLAY_NOT_FINISHED:
        return strings.NEXT_RUNS
    if blocked.blocker is Blocker.REPLAY_NOT_RUNNING and integration.replay_scheduled:
        return strings.NEXT_SCHEDULED
    return strings.NEXT_BY_WAITING[blocked.blocker.waiting_on]


def _next_after_the_end(situation: Situation, names: Mapping[str, str]) -> str:
    if oldest_unconfirmed(situation.integration):
        return strings.NEXT_HISTORY
    who = awaited(situation).who
    template = strings.NEXT_BY_WAITING[who] if who else strings.NEXT_SETTLED
    if who is None and any(map(_left, open_ends(situation))):
        template = strings.NEXT_LEFT
    return template.format(contact=person(contact(situation.integration), names))
