"""Text for Slack. Only this file escapes mrkdwn, clips at whole characters and writes dates."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta

from flows.pasted import one_line
from flows.vocabulary import Stamp

SECTION_LIMIT = 3000
NAME_LIMIT = 80
ELLIPSIS = "…"
TOPLYNE, CUSTOMER = "Toplyne", "the customer"
EVERYBODY = "<!channel>"  # mentions all members of a channel

_JOINER = "\u2060"  # WORD JOINER: invisible, and a mark beside it does not format
_ISOLATE, _END_ISOLATE = "\u2068", "\u2069"
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
# A mark formats only at the edge of a word, so snake_case stays unchanged and copies cleanly.
_MARK = re.compile(r"[*_~`](?![^\W_])|(?<![^\W_])[*_~`]")
_EMOJI_CODE = re.compile(r":(?=[\w+'-]+:)")


def tidy(text: str) -> str:
    """One line of visible text: no control characters, no direction overrides, single spaces."""
    spaced = " ".join(text.split())
    return spaced if spaced.isprintable() else one_line(spaced)  # nearly always it is


def escape(text: str) -> str:
    """Makes text from people or Segment safe in mrkdwn: no mention, link, bold or quote."""
    marked = _MARK.sub(lambda m: f"{_JOINER}{m.group()}{_JOINER}", tidy(text))
    marked = _EMOJI_CODE.sub(f":{_JOINER}", marked)
    if marked.startswith(">"):  # Slack quotes a line that begins with it, even escaped
        marked = _JOINER + marked
    return marked.translate(_ENTITIES)


def name(text: str, limit: int = NAME_LIMIT) -> str:
    """A name for mrkdwn: clipped, escaped, and isolated if it runs from right to left."""
    clipped = clip(tidy(text), limit)
    escaped = escape(clipped)
    if not clipped.isascii() and _has_right_to_left(clipped):
        return f"{_ISOLATE}{escaped}{_END_ISOLATE}"
    return escaped


def _has_right_to_left(text: str) -> bool:
    return any(unicodedata.bidirectional(char) in {"R", "AL"} for char in text)


def code(text: str, limit: int = NAME_LIMIT) -> str:
    """An id for mrkdwn in fixed width, without invisible characters, so that it copies cleanly."""
    inside = clip(tidy(text), limit).replace("`", "'").translate(_ENTITIES)
    return f"`{inside}`" if inside else ""


def size(text: str) -> int:
    """The length in UTF-16 code units, the strictest count in use."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def clip(text: str, limit: int) -> str:
    """Cuts to at most `limit` units, between visible characters, and marks the cut with `…`."""
    if size(text) <= limit:
        return text
    kept: list[str] = []
    room = limit - 1
    for cluster in _graphemes(text):
        room -= size(cluster)
        if room < 0:
            break
        kept.append(cluster)
    return "".join(kept).rstrip() + ELLIPSIS


def lines(parts: Iterable[str], limit: int = SECTION_LIMIT) -> str:
    """Joins lines and drops whole ones that do not fit, so that no markup is cut in two."""
    kept: list[str] = []
    room = limit - len(ELLIPSIS) - 1
    for part in parts:
        room -= size(part) + 1
        if room < 0:
            return "\n".join((*kept, ELLIPSIS))
        kept.append(part)
    return "\n".join(kept)


def numbered(steps: Iterable[str]) -> str:
    """Steps as numbered lines."""
    return lines(f"{number}. {step}" for number, step in enumerate(steps, start=1))


def moment(at: datetime) -> str:
    """A moment that each reader sees in their own time zone. UTC where Slack draws no dates."""
    fallback = f"{utc(at)} UTC"
    return f"<!date^{int(at.timestamp())}^{{date_short}}, {{time}}|{fallback}>"


def since(at: datetime) -> str:
    """A moment and how long ago it was, which Slack computes for each reader."""
    fallback = f"{utc(at)} UTC"
    return f"<!date^{int(at.timestamp())}^{{date_short}}, {{time}} ({{ago}})|{fallback}>"


def dated(words: str, at: datetime) -> str:
    """The words with a moment's day where they say `{day}`, in the reader's time zone: "today",
    "yesterday" or a date. At their very beginning Slack would write it with a capital.
    """
    shown, fallback = "{date_short_pretty}", f"{at.astimezone(UTC):%Y-%m-%d}"
    return f"<!date^{int(at.timestamp())}^{words.format(day=shown)}|{words.format(day=fallback)}>"


def utc(at: datetime) -> str:
    """A moment in UTC, the form that Segment asks for."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M}"


def day(on: date) -> str:
    """A calendar day that somebody named. It belongs to no time zone, and a date token shows a
    moment: no moment falls on the same day everywhere. It looks as Slack writes one.
    """
    return f"{on:%b} {on.day}, {on.year}"


def day_of(at: datetime) -> str:
    """The day of a moment, as each reader counts days."""
    return f"<!date^{int(at.timestamp())}^{{date_short}}|{at.astimezone(UTC):%Y-%m-%d}>"


def user(user_id: str) -> str:
    """A mention of somebody in Slack."""
    return f"<@{user_id}>"


def stamp(who: Stamp) -> str:
    """Who did something and when, for the customer. What the app did itself has no person."""
    return f"{signed(who)}, {moment(who.at)}" if who.by else moment(who.at)


def signed(who: Stamp) -> str:
    """Who did something, for the customer. A CSM cannot be mentioned in the customer's Slack."""
    return TOPLYNE if who.of_toplyne else user(who.by)


def signed_for_csms(who: Stamp) -> str:
    """Who did something, in Toplyne's Slack, where nobody of the customer can be mentioned."""
    return user(who.by) if who.of_toplyne else CUSTOMER


def every(interval: timedelta) -> str:
    """The words after "every": "15 minutes", "day"."""
    seconds = max(1, int(interval.total_seconds()))
    units = ((86400, "day"), (3600, "hour"), (60, "minute"), (1, "second"))
    size, unit = next(each for each in units if seconds % each[0] == 0)
    count = seconds // size
    return unit if count == 1 else f"{count} {unit}s"


def link(url: str, label: str) -> str:
    """A link in running text. Only such links may be `mailto:`."""
    safe = url.replace("<", "%3C").replace(">", "%3E").replace("|", "%7C").replace("&", "&amp;")
    return f"<{safe}|{name(label)}>"


def _graphemes(text: str) -> Iterator[str]:
    """Splits text into visible characters. Accents, joined emoji and flags stay whole."""
    cluster = ""
    for char in text:
        if cluster and not _continues(cluster, char):
            yield cluster
            cluster = ""
        cluster += char
    if cluster:
        yield cluster


def _continues(cluster: str, char: str) -> bool:
    if cluster.endswith("\u200d") or char == "\u200d":
        return True
    if _is_regional(char):
        return len(cluster) == 1 and _is_regional(cluster)
    code_point = ord(char)
    return (
        unicodedata.category(char) in {"Mn", "Mc", "Me"}
        or 0x1F3FB <= code_point <= 0x1F3FF  # skin tones
        or 0x1160 <= code_point <= 0x11FF  # later parts of a Hangul syllable
        or 0xE0020 <= code_point <= 0xE007F  # tags of regional flags
    )


def _is_regional(char: str) -> bool:
    return 0x1F1E6 <= ord(char) <= 0x1F1FF
