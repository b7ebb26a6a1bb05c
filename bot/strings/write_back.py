"""Texts of the optional step: Toplyne writes scores back to Segment."""

OFFER_BUTTON = "Show me how"

TITLE = (
    "*Let Toplyne write scores back to Segment*\n"
    "Then your other tools can use what Toplyne finds out. Toplyne sends it to a Segment source"
    " that you make for this alone."
)
DONE = "Toplyne can write to {source}. The write key was entered by {who}."
SOME_SOURCE = "your source"
HOW = "*Make the source in Segment*"
HOW_AGAIN = "*To replace the write key*"
STEPS = (
    "In Segment, open *Connections → Sources*, press *Add source* and choose *HTTP API*.",
    "Name it, for example “Toplyne scores”. Do not connect the Toplyne destination to it.",
    "Open *Settings → API Keys* of the new source and copy its *Write Key*.",
)
LABEL = "Write key"
LABEL_AGAIN = "New write key, only to replace the one in use"
PLACEHOLDER = "Paste the write key"
RIGHTS = (
    "A write key can send events to that one source, and can read nothing. I check it without"
    " sending anything."
)
GIVEN = "It is given to Toplyne, once, encrypted so that only Toplyne can open it."
NOT_OFFERED = (
    "*Scores back to Segment*\n"
    "Toplyne cannot take a write key here, so none is collected. Nothing else waits for it."
)
END = "It is stored encrypted and never shown again. `/segment disconnect` deletes it here."
SKIP = "Not now"

STORED = "The write key of {source}, encrypted; entered by {who}."
ROW_NONE = "Optional: let Toplyne write scores back to Segment, about 3 minutes"
ROW_DONE = "Scores back to Segment: to {source}, set up by {who}"
REPLACE = "Replace the key"

CARD_DONE = "*Scores back to Segment*: to {source}, set up by {who}"
CARD_SKIPPED = "*Scores back to Segment*: not wanted for now, said {who}"
