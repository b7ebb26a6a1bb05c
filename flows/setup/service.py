"""The use cases of the set-up. Each is what a person means by pressing a button once."""

from contextlib import suppress
from functools import partial

from flows.audit import saw_credentials
from flows.checks.given_up import forget_set_up, token_gone_message
from flows.checks.question import CheckKind, Question, SourceAnswers, Typed
from flows.checks.run import Checking
from flows.checks.sources import check_source_text
from flows.checks.token import check_slug_text, check_token_text
from flows.errors import ErrorCode, Field, FieldError, SecretLost, StorageUnavailable
from flows.model import Integration, Screen, Situation, Verification
from flows.pasted import written
from flows.ports import Directory, UnitOfWork
from flows.recording import Also, Change, Recorder, once_unless
from flows.replay.form import Replaying, lacks_history
from flows.secret_shapes import check_text
from flows.setup import leaving, people_steps, steps
from flows.setup.blockers import current_screen, has_unchecked_token, keeps_credentials
from flows.setup.permissions import Wide, contact, why_not
from flows.setup.replays import REQUEST_SCREENS
from flows.setup.results import (
    AskDay,
    Done,
    Finished,
    Mistakes,
    Result,
    Said,
    ShowProgress,
    ShowStep,
)
from flows.setup.screens import reachable, screen_after
from flows.setup.submission import (
    NeedsDay,
    Ref,
    Stale,
    Submitting,
    any_time,
    current,
    newer,
    not_left,
    require_fresh,
    stale,
    still_checked,
)
from flows.vocabulary import Actor, Plan, Stamp


class SetUp:
    """Start, resume, submit, go back, ask for help, leave."""

    def __init__(
        self,
        recorder: Recorder,
        submitting: Submitting,
        checking: Checking,
        replaying: Replaying,
        directory: Directory,
    ) -> None:
        self._recorder = recorder
        self._submitting = submitting
        self._checking = checking
        self._replaying = replaying
        self._directory = directory

    # --- coming and going -----------------------------------------------------------------------

    async def start(self, actor: Actor, *, again: bool = True) -> ShowStep | ShowProgress:
        """Begins a set-up where a press says so, or resumes it. `again`: after a disconnect too."""
        shown = await self._submitting.start(actor, again=again)
        return still_checked(shown, actor) if shown.situation.observed.checks else shown

    async def resume(self, actor: Actor, ref: Ref) -> ShowStep | ShowProgress:
        """Resumes the set-up exactly where it was. Raises `NoSetUp`."""
        shown = current(await self._submitting.situation(actor, Wide.LOOK, ref))
        return still_checked(await self.show(actor, ref, shown.screen), actor)

    async def show(self, actor: Actor, ref: Ref, screen: Screen) -> ShowStep:
        """Shows one particular screen: Back, "Replace the token", a button in a message."""
        situation = await self._submitting.situation(actor, screen, ref)
        if screen in REQUEST_SCREENS:
            return await self._replaying.open_replay(actor, ref)
        return ShowStep(reachable(situation, screen), situation)

    async def seen(self, actor: Actor, shown: ShowStep | ShowProgress) -> None:
        """Audits who saw what is stored about credentials, once a day. Called once it is shown."""
        if isinstance(shown, ShowProgress) or shown.screen is not Screen.CREDENTIALS:
            return
        entry = saw_credentials(shown.situation.integration, self._recorder.stamp(actor))
        if entry is None:
            return
        with suppress(StorageUnavailable):  # the screen is there, which matters more
            async with self._recorder.uow(actor.tenant_id) as work:
                await work.audit.add(entry)
                await work.commit()

    # --- plan -----------------------------------------------------------------------------------

    async def choose_plan(self, actor: Actor, ref: Ref, plan: Plan) -> ShowStep | AskDay:
        def decide(situation: Situation) -> Change:
            integration = situation.integration
            require_fresh(integration, Screen.PLAN, ref)
            if steps.asks_for_day(integration, plan):
                raise NeedsDay
            return steps.choose_plan(integration, plan, self._recorder.stamp(actor))

        try:
            shown = await self._submitting.change(actor, ref, Screen.PLAN, decide)
        except NeedsDay:
            return AskDay(await self._submitting.situation(actor, Wide.UPGRADED, ref))
        if shown.notice:
            return shown
        return ShowStep(screen_after(Screen.PLAN, shown.situation), shown.situation)

    # --- credentials ----------------------------------------------------------------------------

    async def submit_token(
        self, actor: Actor, ref: Ref, raw: str, *, for_toplyne: bool = False
    ) -> Result:
        """Checks a Public API token live. An empty `raw` keeps the verified token.

        `for_toplyne`: the screen said that Toplyne gets the token too.
        """
        situation = await self._submitting.situation(actor, Screen.CREDENTIALS, ref)
        integration = situation.integration
        if old := stale(situation, Screen.CREDENTIALS, ref, actor):
            return old
        if not raw.strip() and keeps_credentials(situation):
            return ShowStep(screen_after(Screen.CREDENTIALS, situation), situation)
        token, mistake = check_token_text(raw)
        if mistake:
            return await self._submitting.refuse(actor, ref, Screen.CREDENTIALS, mistake.errors)
        typed = Typed(for_toplyne=for_toplyne)
        question = Question(
            CheckKind.TOKEN, actor, integration.id, ref.revision, typed, token, ref.page
        )
        return await self._checking.run(question, situation)

    async def submit_free(
        self,
        actor: Actor,
        ref: Ref,
        raw_slug: str,
        raw_token: str | None,
        *,
        for_toplyne: bool = False,
    ) -> Result:
        """Free: checks the slug, and the token if they have one. Without one a CSM takes over.

        With an empty token, what is there stays if the slug is the same; with another slug, the
        stored token is checked again. None: they say that they have no token, so a stored one that
        nobody could check goes.
        """
        situation = await self._submitting.situation(actor, Screen.CREDENTIALS, ref)
        if old := stale(situation, Screen.CREDENTIALS, ref, actor):
            return old
        slug, wrong_slug = check_slug_text(raw_slug)
        errors = list(wrong_slug.errors) if wrong_slug else []
        integration, token = situation.integration, None
        held = integration.credentials
        keeps = keeps_credentials(situation)
        known = integration.workspace_slug if keeps else ""
        drops = raw_token is None and has_unchecked_token(integration)
        if raw_token and raw_token.strip():
            token, wrong_token = check_token_text(raw_token)
            errors += wrong_token.errors if wrong_token else ()
        elif not errors and not drops and known and known.casefold() == slug.casefold():
            return ShowStep(screen_after(Screen.CREDENTIALS, situation), situation)
        elif not errors and known and held and held.verification is Verification.VERIFIED:
            params = {"found": known, "expected": slug}
            errors.append(FieldError(Field.SLUG, ErrorCode.SLUG_OTHER_WORKSPACE, params))
        if errors:
            return await self._submitting.refuse(actor, ref, Screen.CREDENTIALS, tuple(errors))
        if not (token or drops):
            try:
                async with self._recorder.uow(integration.tenant_id, write=False) as work:
                    token = await work.vault.get(integration.id)
            except SecretLost:
                lost = FieldError(Field.TOKEN, ErrorCode.SECRET_LOST)
                return await self._submitting.refuse(actor, ref, Screen.CREDENTIALS, (lost,))
        typed = Typed(slug, for_toplyne=for_toplyne)
        question = Question(
            CheckKind.TOKEN, actor, integration.id, ref.revision, typed, token, ref.page
        )
        return await self._checking.run(question, situation)

    # --- sources and live sync ------------------------------------------------------------------

    async def choose_sources(self, actor: Actor, ref: Ref, answers: SourceAnswers) -> Result:
        situation = await self._submitting.situation(actor, Screen.SOURCES, ref)
        if old := stale(situation, Screen.SOURCES, ref, actor):
            return old
        if errors := check_source_text(answers):
            return await self._submitting.refuse(actor, ref, Screen.SOURCES, tuple(errors))
        integration_id, typed = situation.integration.id, Typed(sources=answers)
        question = Question(CheckKind.SOURCES, actor, integration_id, ref.revision, typed)
        return await self._checking.run(question, situation)

    async def check_live(self, actor: Actor, ref: Ref) -> Result:
        """ "Check again": asks Segment now instead of at the next poll."""
        situation = await self._submitting.situation(actor, Screen.LIVE_SYNC, ref)
        integration = situation.integration
        if not integration.sources or integration.plan is Plan.FREE:
            return current(situation)
        question = Question(CheckKind.LIVE_SYNC, actor, integration.id, integration.revision)
        return await self._checking.run(question, situation)

    async def say_connected(self, actor: Actor, ref: Ref, workspace: str = "") -> ShowStep:
        """Free: "I've connected it", so that a CSM knows when to look.

        `workspace` is the one that a message was about.
        """
        step = partial(steps.say_connected, workspace=workspace)
        return await self._submitting.simply(actor, ref, Screen.LIVE_SYNC, step)

    async def go_on(self, actor: Actor, ref: Ref) -> ShowStep:
        """The main button of live sync: goes on once live sync has started."""
        situation = await self._submitting.situation(actor, Screen.LIVE_SYNC, ref)
        screen = current_screen(situation)
        if screen is Screen.REPLAY or lacks_history(situation):
            return await self._replaying.open_replay(actor, ref)
        return ShowStep(screen, situation)

    # --- anywhere -------------------------------------------------------------------------------

    async def delegate(
        self, actor: Actor, ref: Ref, screen: Screen, to: str, note: str = ""
    ) -> Done | Mistakes | ShowStep:
        """Asks a colleague to do one screen. They get a direct message with a button.

        What somebody has done since the person was shown it needs nobody. Raises `NotTaken`.
        """
        note = written(note)
        situation = await self._submitting.not_left(actor, screen, ref)
        if done := stale(situation, screen, ref, actor):
            return done
        if unfit := await why_not(self._directory, actor, to):
            return Mistakes((FieldError(Field.COLLEAGUE, unfit),))
        if wrong := check_text(Field.NOTE, note, people_steps.MAX_NOTE):
            return Mistakes(wrong)
        stamp = self._recorder.stamp(actor)

        def decide(now: Situation) -> Change:
            of = now.integration
            wrong = people_steps.why_not_asked(of, to, screen, stamp.at)
            change = people_steps.delegate(of, to, screen, stamp, note)
            return once_unless(wrong, ref.form, change, of)

        recorded = await self._submitting.record(actor, ref, screen, decide, rule=not_left)
        return Done(Said.COLLEAGUE_ASKED, recorded.after, to)

    async def ask_help(self, actor: Actor, ref: Ref, screen: Screen, note: str) -> Done | Mistakes:
        """Tells the CSM where the person is and what went wrong, no secret. Raises `NotTaken`."""
        note = written(note)
        if wrong := check_text(Field.NOTE, note, people_steps.MAX_NOTE):
            return Mistakes(wrong)
        stamp = self._recorder.stamp(actor)

        def decide(now: Situation) -> Change:
            of = now.integration
            full = of.csm.why_not_asked(actor.user_id, Field.NOTE)
            return once_unless(full, ref.form, steps.ask_help(of, screen, note, stamp), of)

        recorded = await self._submitting.record(actor, ref, Wide.LOOK, decide, rule=any_time)
        goes_on = contact(recorded.after.integration) == actor.user_id
        return Done(Said.HELP_ASKED if goes_on else Said.ONLY_ASKED, recorded.after)

    # --- the end --------------------------------------------------------------------------------

    async def keep_watching(self, actor: Actor, ref: Ref) -> ShowStep:
        return await self._submitting.simply(actor, ref, Screen.RECEIPT, leaving.keep_watching)

    async def forget_token(self, actor: Actor, ref: Ref) -> ShowStep:
        """Deletes the token now. The progress stays."""

        def step(integration: Integration, stamp: Stamp) -> Change:
            require_fresh(integration, Screen.CREDENTIALS, ref)
            return leaving.forget_token(integration, stamp)

        also = _delete_secrets(ref, self._recorder.stamp(actor))
        return await self._submitting.simply(actor, ref, Screen.CREDENTIALS, step, also)

    async def disconnect(
        self, actor: Actor, ref: Ref, asked: str | None = None
    ) -> Finished | ShowStep:
        """Deletes the credentials at once and returns to the beginning.

        `asked` is the slug of the workspace that the question named, unless it is another by now.
        """
        stamp = self._recorder.stamp(actor)

        def decide(now: Situation) -> Change:
            if asked not in (None, now.integration.workspace_slug):
                raise Stale(Screen.CREDENTIALS)
            return leaving.disconnect(now.integration, stamp)

        async def forget_all(work: UnitOfWork) -> None:
            await forget_set_up(work, ref.integration_id)

        try:
            recorded = await self._submitting.record(
                actor, ref, Wide.MANAGE, decide, also=forget_all
            )
        except Stale as old:
            now = await self._submitting.situation(actor, Wide.LOOK, ref)
            return newer(now, actor, old.screen)
        return Finished(recorded.before.integration)


def _delete_secrets(ref: Ref, by: Stamp) -> Also:
    async def delete(work: UnitOfWork) -> None:
        await work.vault.delete(ref.integration_id)
        for check in await work.checks.delete_of(ref.integration_id):
            if not check.is_held:
                await work.outbox.add(token_gone_message(check, by))
        await work.tries.end(ref.integration_id)

    return delete
