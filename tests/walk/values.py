"""What people type, pick and say. Words stand for values that are new in each world.

`token acme owner` is Acme's owner token, `date 3` the day in three days. So a list of acts can be
kept in a file, holds no secret and means the same in the next world.
"""

import secrets
from datetime import timedelta
from random import Random

from playground.slack.elements import Placed, options_of
from playground.slack.typing_in import NotVisible
from tests.walk.house import CSMS, CUSTOMERS, STRANGERS, House

HUGE, WORDY = "huge", "words"
RIGHT = ("token acme owner",) * 6 + ("token acme-eu owner", "token beacon owner")
WRONG = ("token acme member", "token acme limited", "token acme revoked", "token corner-shop owner",
         "token acme config-api", "token new owner", "write-key acme web-app", "slug acme",
         "dressed token acme owner", "quoted token acme owner", "junk", HUGE, WORDY)  # fmt: skip
TEXTS: dict[str, tuple[str, ...]] = {
    "input_token": (*RIGHT, *WRONG),
    "input_slug": ("slug acme", "slug corner-shop", "slug corner-shop", "slug beacon",
                   "url slug acme", "token acme owner", HUGE, WORDY),
    "input_source_ids": ("", "", "", "source acme web-app", "sources acme", "source beacon app",
                         "write-key acme web-app", "destination acme web-app", "slug acme",
                         "dressed source acme web-app", HUGE, "junk"),
    "input_write_key": ("write-key acme ios-app", "write-key acme web-app", "write-key beacon app",
                        "token acme owner", "source acme ios-app", "junk", HUGE),
    "input_event_names": ("", "", "Signed Up", "Signed Up\nReport Opened", HUGE,
                          "token acme owner"),
    "input_ticket": ("", "4711", WORDY, HUGE, "token acme owner"),
}  # fmt: skip
PROSE = (WORDY, WORDY, WORDY, "markup", "token acme owner", "", HUGE)
DAYS = (-400, -200, -2, 0, 1, 3, 10, 400)
ODDLY_DRESSED = "\u200b“Bearer {}”\n"


def values_for(item: Placed, chance: Random, team_members: tuple[str, ...]) -> str | list[str]:
    """What to put into an input: words for `written`, or texts of its options."""
    action = str(item.element["action_id"])
    match item.type:
        case "plain_text_input":
            return chance.choice(TEXTS.get(action, PROSE))
        case "users_select":
            return chance.choice(team_members)
        case "datepicker":
            return f"date {chance.choice(DAYS)}"
        case "datetimepicker":
            return f"moment {chance.choice(DAYS)}"
        case "static_select" | "radio_buttons":
            return str(chance.choice(options_of(item.element))["text"]["text"])
        case "multi_static_select" | "checkboxes":
            texts = [str(option["text"]["text"]) for option in options_of(item.element)]
            most = min(len(texts), int(item.element.get("max_selected_items", len(texts))))
            return chance.sample(texts, chance.randint(0 if chance.random() < 0.1 else 1, most))
    return ""


def colleagues(name: str) -> tuple[str, ...]:
    return next(group for group in (CUSTOMERS, STRANGERS, CSMS) if name in group)


def written(house: House, words: str) -> str:
    """The value that these words stand for. Other words stand for themselves."""
    segment, (first, *rest) = house.world.segment, words.split(" ") if words else [""]
    match first, rest:
        case (("dressed" | "quoted" | "url"), _):
            inner = written(house, " ".join(rest))
            if first == "url":
                return f"https://app.segment.com/{inner}/overview"
            return ODDLY_DRESSED.format(inner) if first == "dressed" else f'"{inner}",'
        case "token", ["new", label]:
            return str(segment.add_token("acme", label).value)
        case "token", [slug, label]:
            try:
                return str(segment.token(slug, label).value)
            except LookupError:
                raise NotVisible(words) from None
        case "slug", [slug]:
            return slug
        case "source", [slug, source]:
            return str(segment.source(f"{slug}/{source}").id)
        case "sources", [slug]:
            return "\n".join(source.id for source in segment.workspace(slug).sources[:3])
        case "write-key", [slug, source]:
            return str(segment.source(f"{slug}/{source}").write_keys[0])
        case "destination", [slug, source]:
            found = segment.source(f"{slug}/{source}").destinations
            return str(found[0].id) if found else "none"
        case "date", [days]:
            return (house.now() + timedelta(days=int(days))).date().isoformat()
        case "moment", [days]:
            return (house.now() + timedelta(days=int(days))).replace(microsecond=0).isoformat()
        case "huge", []:
            return "lorem ipsum " * 245
        case "junk", []:
            return secrets.token_hex(12)
        case "words", []:
            return "Where do I find it? <b>Ask</b> Grace & me"
        case "markup", []:
            return "<!channel> *bold* <https://evil.example|click> {oops} `x` &lt; é 漢字 😀"
    return words


def secret_values(house: House) -> list[str]:
    """All tokens and write keys of Segment that anybody can have typed."""
    workspaces = house.world.segment.state.workspaces
    tokens = [str(token.value) for each in workspaces for token in each.tokens]
    keys = [key for each in workspaces for source in each.sources for key in source.write_keys]
    return tokens + keys
