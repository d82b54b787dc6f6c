"""One page about all feeds, drawn from the contracts and suites: what each is, when it comes, what is checked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from open_data_contract_standard.model import OpenDataContractStandard, SchemaObject

from trade_exposure.feeds.contract import FeedContract
from trade_exposure.quality.suite import load_suite

HEAD = """# Feeds · 피드

Drawn from the contracts and suites in `expectations/`; do not edit it, run `python -m trade_exposure.reports.data_dictionary`.
Columns: [data dictionary](data_dictionary.md). A feed more: [how to add a feed](how_to_add_a_feed.md).
Hours are those of the zone named beside them. *Private* feeds are encrypted in the raw archive and carry keyed hashes instead of identifiers.
"""
_EFFECT = {
    ("critical", "row"): "quarantines the row",
    ("critical", "batch"): "stops the load",
    ("warning", "row"): "warns",
    ("warning", "batch"): "warns",
    ("info", "row"): "is noted",
    ("info", "batch"): "is noted",
}


def standard(contract: FeedContract) -> OpenDataContractStandard:
    """The contract file in the standard's own model, for the texts that no code needs."""
    return OpenDataContractStandard.from_string(contract.path.read_text(encoding="utf-8"))


def schema_of(contract: FeedContract) -> SchemaObject:
    """The one table of the contract file, in the standard's own model."""
    return (standard(contract).schema_ or [])[0]


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    lines += [f"| {' | '.join(cell(text) for text in row)} |" for row in rows]
    return "\n".join(lines) + "\n"


def cell(text: str) -> str:
    """A text as one cell of a Markdown table."""
    return " ".join(text.split()).replace("|", "\\|")


def draw_pages(contracts: Iterable[FeedContract]) -> str:
    """The page about all feeds as Markdown."""
    feeds = sorted(contracts, key=lambda contract: contract.feed_id)
    overview = [
        (
            f"[`{feed.feed_id}`](#{feed.feed_id})",
            feed.title_ko,
            "asked" if feed.arrival == "api" else "dropped",
            f"`{feed.schedule}` {feed.timezone}",
            feed.period_kind,
            f"{feed.expected_lag_days} / {feed.freshness_limit_days}",
            "private" if feed.is_private else "",
        )
        for feed in feeds
    ]
    head = ("feed", "한국어", "arrival", "looked for", "period", "days: expected / fresh", "")
    return "\n".join([HEAD, table(head, overview), *(_page(feed) for feed in feeds)])


def _page(feed: FeedContract) -> str:
    odcs = standard(feed)
    about = odcs.description
    texts = [text for text in (about.purpose, about.usage, about.limitations) if text] if about else []
    rules = load_suite(feed.suite_path).rules
    checks = [(f"`{rule.rule}`", _EFFECT[rule.severity, rule.scope], rule.reason_en, rule.reason_ko) for rule in rules]
    return "\n".join(
        [
            f"## {feed.feed_id}\n",
            f"**{feed.title_en} · {feed.title_ko}**\n",
            *(f"{' '.join(str(text).split())}\n" for text in texts),
            table(("", ""), _facts(feed, odcs)),
            table(("check", "a failure", "says", "한국어"), checks),
        ]
    )


def _facts(feed: FeedContract, odcs: OpenDataContractStandard) -> list[tuple[str, str]]:
    said = {entry.property: entry.description or "" for entry in odcs.slaProperties or []}
    said |= {entry.property: entry.description or "" for entry in odcs.customProperties or []}
    quality = next(rule for rule in schema_of(feed).quality or [] if rule.id == "max_quarantined_share")
    share = f"{quality.mustBeLessOrEqualTo} %"
    facts = [
        ("source", f"{odcs.tenant}"),
        ("licence", feed.licence),
        ("owner", feed.owner),
        ("contract", f"{feed.version}, {odcs.status}; table `{feed.table}`"),
        ("arrives", _arrival(feed)),
        ("looked for", f"`{feed.schedule}` {feed.timezone}. {said['frequency']}"),
        ("expected", f"{_days(feed.expected_lag_days)} after the {feed.period_kind}. {said['latency']}"),
        ("fresh", f"at most {_days(feed.freshness_limit_days)} old. {said['freshness']}"),
        ("slices", f"{', '.join(feed.slices)}. {said.get('slices', '')}"),
        ("key", ", ".join(f"`{name}`" for name in feed.key)),
        ("control totals", f"{', '.join(f'`{name}`' for name in feed.measures)}. {said.get('controlTotals', '')}"),
        ("may be quarantined", f"{share}. {quality.description}"),
    ]
    if feed.scale_jump_limit is not None:
        facts.append(("jump of the scale", f"at most {feed.scale_jump_limit}-fold. {said.get('scaleJumpLimit', '')}"))
    if feed.never_read:
        facts.append(("never read", f"{', '.join(feed.never_read)}. {said.get('neverRead', '')}"))
    return facts


def _arrival(feed: FeedContract) -> str:
    if feed.arrival == "api":
        asked = "the newest period" if feed.trailing_periods == 1 else f"the newest {feed.trailing_periods} periods"
        return f"Asked through the connection `{feed.connection_id}`: {asked} on every run."
    names = ", ".join(f"`{name}`" for name in feed.file_names)
    return (
        f"Files named {names} in the drop folder's `{feed.feed_id}/`; encodings {', '.join(feed.encodings)}; complete with its "
        f"sidecar, or {feed.settle_seconds} seconds after its last change."
    )


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"
