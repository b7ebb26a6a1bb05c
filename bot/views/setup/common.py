"""What all screens of the set-up share: the frame, the top and the foot."""

from collections.abc import Iterable, Sequence

from slack_sdk.models.blocks import ActionsBlock, Block, ButtonElement, SectionBlock
from slack_sdk.models.views import View

from bot.ids import Action, Callback
from bot.strings import messages, names
from bot.strings import setup as strings
from bot.strings.blockers import SOURCE_UNNAMED
from bot.views.kit.blocks import (
    actions,
    alert,
    button,
    context,
    make_metadata,
    modal,
    progress_line,
    section,
)
from bot.views.kit.links import Page
from bot.views.kit.name_list import name_list
from bot.views.kit.next_step import mending_button
from bot.views.kit.text import code, name, numbered, stamp
from bot.views.kit.wording import (
    blocked_text,
    changed_words,
    error_text,
    notice_text,
    opener,
    warning_text,
)
from flows.csm.facts import Rejectable
from flows.errors import Warned, WarningCode
from flows.model import Integration, Screen, Verification
from flows.setup.blockers import Blocked, Blocker, incidents
from flows.setup.replays import rejection_of
from flows.setup.results import ShowStep

MAX_WARNINGS = 20
SOURCES_SHOWN = 20  # each in its own paragraph


def screen_view(
    callback: Callback,
    result: ShowStep,
    blocks: Iterable[Block],
    *,
    submit: str = "",
    title: str = strings.TITLE,
    external_id: str = "",
) -> View:
    """A screen of the set-up: the progress line, alerts, then its own blocks.

    The main button is `submit`, so that it is always at the same place and in sight.
    """
    situation, integration = result.situation, result.situation.integration
    return modal(
        title,
        callback,
        [
            context(progress_line(situation)),
            *_rejected(callback, integration),
            *_broken(result),
            *_alerts(result),
            *blocks,
        ],
        submit=submit,
        metadata=make_metadata(integration),
        external_id=external_id,
    )


def _alerts(result: ShowStep) -> list[Block]:
    """Why the screen is shown, then errors, then warnings up to a limit, general ones first."""
    notice = result.notice
    if who_changed := result.changed and changed_words(result.changed):
        return [section(who_changed)]
    warnings = sorted(result.warnings, key=lambda w: w.code is WarningCode.MISSING_CALL_TYPES)
    return [
        *([alert(notice_text(notice), "info")] if notice else []),
        *(alert(error_text(error), "error") for error in result.errors),
        *(alert(warning_text(warning), markup=True) for warning in warnings[:MAX_WARNINGS]),
        *more_line(len(warnings) - MAX_WARNINGS),
    ]


_REJECTABLE = {
    Callback.SOURCES: Rejectable.SOURCES,
    Callback.LIVE_CONNECTED: Rejectable.ARRIVAL,
    Callback.REPLAY: Rejectable.REPLAY,
    Callback.REPLAY_NEEDS: Rejectable.REPLAY,
    Callback.REPLAY_PREVIEW: Rejectable.REPLAY,
}


def _rejected(callback: Callback, integration: Integration) -> list[Block]:
    """Why a CSM asks for a correction on this screen."""
    what = _REJECTABLE.get(callback)
    rejection = rejection_of(integration, what) if what else None
    if rejection is None:
        return []
    return [alert(strings.TO_CORRECT.format(reason=rejection.reason), "error")]


def _broken(result: ShowStep) -> list[Block]:
    """What has broken, each kind with the button that leads to the screen on which it is mended.

    Live sync says it beside each source, and the receipt among what is open.
    """
    situation, here = result.situation, result.screen
    broken = incidents(situation)
    if here is Screen.RECEIPT:
        return []
    if here is Screen.LIVE_SYNC:
        broken = tuple(each for each in broken if each.source is None)
    first = {each.blocker: each for each in reversed(broken)}
    kinds = dict.fromkeys(each.blocker for each in broken)
    return [_broken_line(_same(broken, kind), first[kind], here) for kind in kinds]


def _broken_line(said: str, broken: Blocked, here: Screen) -> Block:
    if broken.blocker.screen is here:
        return alert(said, markup=True)
    return section(f"⚠ {said}", accessory=mending_button(broken, Action.GO_TO, main=False))


def _same(broken: Sequence[Blocked], kind: Blocker) -> str:
    """What is broken of one kind, with the names of all sources."""
    first, *others = (each for each in broken if each.blocker is kind)
    labels = [each.source.label or SOURCE_UNNAMED for each in others if each.source]
    also = [messages.INCIDENT_ALSO.format(sources=name_list(labels))] if labels else []
    return " ".join([blocked_text(first).state, *also])


def foot(
    screen: Screen,
    *,
    back: Screen | None = None,
    delegate: bool = True,
    more: Sequence[ButtonElement] = (),
) -> ActionsBlock:
    """The buttons below a screen: its own, then Back, ask a colleague, help."""
    buttons = list(more)
    if back:
        buttons.append(button(strings.BACK, Action.GO_TO, back))
    if delegate:
        buttons.append(button(strings.DELEGATE, Action.DELEGATE, screen))
    buttons.append(button(strings.HELP, Action.ASK_HELP, screen))
    return actions(*buttons)


def steps_section(
    title: str, steps: Sequence[str], page: Page | None, integration: Integration
) -> SectionBlock:
    """Numbered steps in Segment, with a button that opens the right page if it is known."""
    button = opener(page, integration) if page else None
    return section(f"{title}\n{numbered(steps)}", accessory=button)


def more_line(hidden: int) -> list[Block]:
    """A line that counts what a long list leaves out, if anything."""
    return [context(strings.AND_MORE.format(count=hidden))] if hidden > 0 else []


def free_deletes(words: str, integration: Integration) -> str:
    """What another plan deletes, and that a write key is of the workspace, whatever its plan."""
    stays = integration.write_back.entered is not None
    return f"{words} {strings.WRITE_KEY_STAYS}" if stays else words


def workspace_name(integration: Integration) -> str:
    """The workspace's name in mrkdwn. Empty while there is none."""
    credentials = integration.credentials
    return name(credentials.workspace.label) if credentials else ""


def connected_blocks(integration: Integration, template: str = strings.CONNECTED) -> list[Block]:
    """The connected workspace's name in `template`, slug and ID, and a warning if the role may be
    too low. Never the token.
    """
    credentials = integration.credentials
    if credentials is None or credentials.verification is not Verification.VERIFIED:
        return []
    workspace, region = credentials.workspace, names.REGION[credentials.region]
    title = template.format(workspace=name(workspace.label))
    ids = strings.CONNECTED_SLUG.format(slug=code(workspace.slug))
    if workspace.id:
        slug, id_ = code(workspace.slug), code(workspace.id)
        ids = strings.CONNECTED_IDS.format(slug=slug, id=id_, region=region)
    entered, began = credentials.entered, integration.started or integration.created
    by = [strings.CONNECTED_BY.format(who=stamp(entered))] if entered.by != began.by else []
    blocks: list[Block] = [section(title), context(ids, *by)]
    if credentials.maybe_not_owner:
        blocks.append(alert(warning_text(Warned(WarningCode.MAYBE_NOT_OWNER)), markup=True))
    return blocks
