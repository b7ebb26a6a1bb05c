"""A person at the page, who finds everything by what is on the screen."""

import re
from collections.abc import Awaitable
from pathlib import Path

from playwright.async_api import Locator, Page, expect

PLAN = "Which Segment plan do you have?"
TOKEN = "Access token"
_AHEAD = re.compile(r" ahead$")
_PASTE = "ControlOrMeta+V"
_PATIENCE_MS = 120_000


class Customer:
    """A person who looks at the page. `picture` keeps what they see under a number and a name."""

    def __init__(self, page: Page, pictures: Path) -> None:
        self.page = page
        self.panel = page.get_by_role("complementary", name="Control panel")
        self.messages = page.get_by_role("region", name="Messages")
        self.modal = page.get_by_role("dialog")
        self._pictures = pictures
        self._taken = 0

    async def command(self, line: str) -> None:
        composer = self.page.locator("#composer")
        await composer.fill(line)
        await composer.press("Enter")

    async def press(self, name: str, place: Locator | None = None) -> None:
        """Presses a button in the open modal or in `place`: the newest, if several look alike."""
        button = (place or self.modal).get_by_role("button", name=name, exact=True)
        await button.last.click()

    async def reads(self, *texts: str, place: Locator | None = None) -> None:
        """Waits until all of this is in the open modal, or in `place`."""
        for text in texts:
            await expect(place or self.modal).to_contain_text(text, timeout=_PATIENCE_MS)

    async def told(self, text: str) -> Locator:
        """Waits for a message that says this."""
        message = self.messages.get_by_role("listitem").filter(has_text=text).last
        await expect(message).to_be_visible(timeout=_PATIENCE_MS)
        return message

    async def open(self, conversation: str) -> None:
        """Opens a channel, the app's messages, or its Home."""
        sidebar = self.page.get_by_role("navigation", name="Conversations")
        await sidebar.get_by_role("button", name=conversation).first.click()

    async def be(self, name: str, workspace: str) -> None:
        """Acts as another person from now on."""
        await self.page.get_by_role("button", name=f"Workspace {workspace}").click()
        await self.page.get_by_role("button", name=f"Act as {name}").click()
        await expect(self.page.get_by_text(f"{name} (you)")).to_be_visible()

    async def outside(self, name: str) -> None:
        """Presses a button in the control panel, for what happens outside Slack."""
        await self.panel.get_by_role("button", name=name, exact=True).click()

    async def unfold(self, workspace: str) -> None:
        """Shows the tokens and sources of a Segment workspace in the control panel."""
        toggle = self.panel.get_by_role("button", name=workspace)
        if await toggle.get_attribute("aria-expanded") == "false":
            await toggle.click()

    async def copies(self, pressing: Awaitable[None]) -> None:
        """Does what copies something. Returns when the clipboard has it."""
        await self.page.evaluate("navigator.clipboard.writeText('')")
        await pressing
        await self.page.wait_for_function("navigator.clipboard.readText()")

    async def paste(self, label: str, copied: str) -> None:
        """Copies something in the control panel and pastes it into a field."""
        await self.copies(self.outside(copied))
        field = self.modal.get_by_label(label)
        await field.fill("")
        await field.focus()
        await self.page.keyboard.press(_PASTE)

    async def choose_plan(self, plan: str) -> None:
        await self.command("/segment")
        await self.press(plan)

    async def choose_source(self, name: str) -> None:
        await self.modal.get_by_role("checkbox", name=name).check()

    async def let_data_arrive(self, source: str) -> None:
        """Connects, switches on and sends in the control panel. Segment reports a little later."""
        await self.outside(f"Connect destination: {source}")
        await self.outside(f"Switch on: {source}")
        await self.outside(f"Send 100 events: {source}")
        clock = self.panel.get_by_text(_AHEAD)
        before = await clock.text_content()
        await self.outside("+1 hour")
        await expect(clock).not_to_have_text(str(before))

    async def agree(self, name: str) -> None:
        """Confirms in the dialog that Slack shows before a click counts."""
        question = self.page.get_by_role("alertdialog")
        await question.get_by_role("button", name=name, exact=True).click()
        await expect(question).to_have_count(0)

    async def picture(self, name: str) -> None:
        self._taken += 1
        await self.page.screenshot(path=self._pictures / f"{self._taken:02}-{name}.png")
