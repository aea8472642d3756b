"""The made-up words of the demo team: people, product, and the sentences they write into Jira."""

from __future__ import annotations

PEOPLE = (
    "Ilse Varnholt",
    "Tomasz Brekke",
    "Nadia Okwuosa",
    "Ruaridh Pennock",
    "Meilin Achterberg",
    "Jorun Castellane",
    "Sabela Ntombi",
    "Oskar Lindqvale",
    "Priyanka Thorne",
    "Dafydd Moresby",
    "Yusra Kallander",
    "Benoît Rasmok",
    "Halina Stroud-Wójcik",
    "Kofi Ellerand",
    "Zuzana Marchbank",
)

SQUADS = ("Booking", "Payments", "Quayside")

_OBJECTS: dict[str, tuple[str, ...]] = {
    "Booking": (
        "the sailing calendar",
        "cabin availability",
        "the passenger list",
        "group bookings",
        "the waiting list",
        "pet and bicycle spaces",
        "the seat map",
        "saved journeys",
    ),
    "Payments": (
        "refund receipts",
        "the fare breakdown",
        "gift vouchers",
        "the payment page",
        "monthly invoices",
        "currency rates",
        "loyalty points",
        "the settlement report",
    ),
    "Quayside": (
        "the boarding scanner",
        "the tide table",
        "vehicle lanes",
        "the crew roster",
        "departure announcements",
        "the loading plan",
        "berth assignments",
        "the harbour display",
    ),
}

_SENTENCES: dict[str, tuple[str, ...]] = {
    "Story": (
        "Show {0} on the trip overview",
        "Let passengers change {0} from their phone",
        "Send a reminder when {0} changes",
        "Offer {0} in four languages",
        "Let agents search {0} by booking number",
        "Keep {0} readable at the largest text size",
        "Add a printable view of {0}",
        "Let crew correct {0} after departure",
        "Group {0} by route",
        "Explain to first-time visitors how {0} works",
        "Make {0} usable with a screen reader",
        "Let port staff compare {0} across two days",
    ),
    "Task": (
        "Write the support article about {0}",
        "Move {0} to the new region",
        "Set up alerts for {0}",
        "Rename the labels around {0}",
        "Agree the wording of {0} with legal",
        "Record how long {0} takes to load",
        "Clean up test data behind {0}",
        "Brief the harbour offices on {0}",
    ),
    "Bug": (
        "{1} stays empty after a sailing is cancelled",
        "{1} shows yesterday's values until reloaded",
        "{1} is cut off on small screens",
        "Double click on save duplicates {0}",
        "{1} ignores the winter timetable",
        "Back button loses {0}",
        "{1} sorts umlauts to the end",
        "Wrong total when {0} is edited twice",
        "{1} times out for more than 200 passengers",
        "Daylight saving shifts {0} by an hour",
        "{1} cannot be opened by trainee accounts",
        "Print-out of {0} misses the last row",
    ),
    "Technical Debt": (
        "Replace the hand-written parser behind {0}",
        "Split the module that owns {0}",
        "Delete the unused second copy of {0}",
        "Move {0} off the nightly batch job",
        "Give {0} a proper test fixture",
        "Untangle {0} from the reporting schema",
    ),
    "Spike": (
        "Find out whether {0} can be cached",
        "Compare two ways to store {0}",
        "How many harbours need {0} offline?",
        "Prototype {0} with live data",
    ),
    "Security": (
        "Limit who can export {0}",
        "Rotate the certificates used by {0}",
        "Record every access to {0}",
        "Upgrade the library that renders {0}",
        "Reject oversized uploads to {0}",
    ),
    "Incident": (
        "{1} unavailable for all routes",
        "{1} very slow since the release",
        "Errors when opening {0} in two harbours",
        "{1} shows another passenger's data",
        "Nobody can save {0}",
        "Agents report missing entries in {0}",
    ),
    "Experiment": ("Test a shorter form for {0}", "Ask visitors to rate {0}"),
    "Access Request": ("Read access to {0} for the auditors", "New starter needs {0}"),
    "Sub-task": (
        "Update the translations",
        "Adapt the end-to-end test",
        "Review with the design team",
        "Write the release note",
        "Add the database migration",
        "Check on the harbour tablets",
    ),
}

EPICS = (
    "Booking on a phone in under a minute",
    "Refunds without a phone call",
    "One boarding list for every harbour",
    "Winter timetable",
    "New fare rules",
    "Accessible journeys",
    "Offline quayside",
    "Group travel",
    "Faster settlement",
    "Third-generation booking core",
    "Audit readiness",
    "Harbour displays",
    "Loyalty for commuters",
    "Fewer nightly jobs",
    "Crew app clean-up",
)

HOSTILE_SUMMARIES = (
    "<script>document.title='taken over'</script> in the notes field breaks the list",
    '<img src=x onerror="alert(1)"> shown as text on the boarding pass',
    '=HYPERLINK("https://marram.example/phish","refund") pasted into the reference field',
    "+1 for showing -2 °C as @cold; see {{constructor.constructor('return 1')()}}",
    "Line one of a pasted e-mail\nLine two, with a\ttab and trailing spaces   ",
    "\u202eflipped by a right-to-left override\u202c in the passenger name",
    "שם הנוסע מופיע הפוך בכרטיס העלייה",
    "Very long title " + "that somebody dictated without ever stopping " * 5 + "and saved",
    "javascript:alert('link') stored as a harbour website [click|javascript:alert(1)] **bold** <b>bold</b>",
    "Emoji \U0001f6a2\u200d\u2693 and zero\u200bwidth characters vanish from {0} %s ${7*7} \\u0000",
)

COMPONENTS = ("Web", "Crew app", "Core", "Displays", "Reports")

LABELS = ("harbour-tablet", "customer-request", "quick-win", "accessibility", "winter", "needs-design")

VERSION_REMARKS = (
    "Regular release",
    "Regular release, crew app included",
    "Small release before the holidays",
    "",
)


def sentence(issue_type: str, squad: str, pick: int) -> str:
    """The `pick`-th of all sentences of this type and squad, wrapping round."""
    objects = _OBJECTS[squad]
    templates = _SENTENCES[issue_type]
    thing = objects[pick % len(objects)]
    template = templates[pick // len(objects) % len(templates)]
    return template.format(thing, thing[0].upper() + thing[1:])
