"""Items to tables of texts: the fast way and the careful way give the same, and the fast way knows when it must not."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trade_exposure.errors import ReplyUnreadable
from trade_exposure.feeds import customs_xml, flat_xml
from trade_exposure.feeds.announced import Announced
from trade_exposure.feeds.customs_xml import announce, read_items
from trade_exposure.feeds.registry import feed
from trade_exposure.feeds.text_batches import record_batches, schema
from trade_exposure.feeds.xml import child, read_xml

FIELDS = ("year", "statCd", "expDlr", "statCdCntnKor1")
PROBLEM = {"problem_rule": None, "problem_reason": None, "problem_raw": None}


@pytest.fixture
def ways(monkeypatch: pytest.MonkeyPatch):
    """Read in both ways: whether the fast one was taken, its table, the careful one's table."""

    def read(body: bytes):
        taken: list[bool] = []
        fast = customs_xml._flat_batches

        def watched(*arguments):
            batches = fast(*arguments)
            taken.append(batches is not None)
            return batches

        monkeypatch.setattr(customs_xml, "_flat_batches", watched)
        quick, _ = read_items(body, FIELDS, "year")
        monkeypatch.setattr(customs_xml, "_flat_batches", lambda *_: None)
        careful, _ = read_items(body, FIELDS, "year")
        monkeypatch.setattr(customs_xml, "_flat_batches", fast)
        return taken[0], quick, careful

    return read


def test_items_of_one_shape_are_read_the_fast_way(ways, customs_reply, customs_item) -> None:
    is_fast, quick, careful = ways(customs_reply(customs_item(), customs_item(statCd="US", expDlr="7")))
    assert is_fast
    assert quick.to_pylist() == [
        {"source_row": 1, "year": "2026.05", "statCd": "VN", "expDlr": "1000", "statCdCntnKor1": "베트남", **PROBLEM},
        {"source_row": 2, "year": "2026.05", "statCd": "US", "expDlr": "7", "statCdCntnKor1": "베트남", **PROBLEM},
    ]
    assert quick.equals(careful)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("a &amp; b", "a & b"),
        ("&lt;&gt;&quot;&apos;", "<>\"'"),
        ("&amp;lt;", "&lt;"),
        ("줄\n바꿈\t", "줄\n바꿈\t"),
        (" \u3000x ", " \u3000x "),
        ("", ""),
        ("가" * 300, "가" * 300),
    ],
)
def test_both_ways_read_the_same_text(text: str, meant: str, ways, customs_reply, customs_item) -> None:
    is_fast, quick, careful = ways(customs_reply(customs_item(), customs_item(statCdCntnKor1=text)))
    assert is_fast
    assert quick["statCdCntnKor1"].to_pylist() == ["베트남", meant]
    assert quick.equals(careful)


@pytest.mark.parametrize(
    "changes",
    [
        {"statCd": None},
        {"expDlr": "1</expDlr><expDlr>2"},
        {"expDlr": "<b>7</b>"},
        {"expDlr": "<!-- none -->7"},
        {"expDlr": "<![CDATA[7]]>"},
        {"statCdCntnKor1": "&#48;"},
        {"statCdCntnKor1": "x<?hidden 1?>"},
        {"statCdCntnKor1": "a\rb"},
        {"more": "1"},
        {"statCd": "VN</statCd ><statCd>VN"},
    ],
)
def test_an_item_of_another_shape_sends_all_of_them_the_careful_way(
    changes: dict[str, str | None], ways, customs_reply, customs_item
) -> None:
    is_fast, quick, careful = ways(customs_reply(customs_item(), customs_item(**changes)))
    assert not is_fast
    assert quick.num_rows == 2
    assert quick.equals(careful)


@pytest.mark.parametrize(
    ("hidden", "fast"),
    [("<!--{item}-->", False), ("<![CDATA[{item}]]>", False), ("<more>{item}</more>", True)],
    ids=["comment", "section", "deeper"],
)
def test_an_item_outside_of_the_list_is_no_row_in_either_way(
    hidden: str, fast: bool, ways, customs_reply, customs_item
) -> None:
    place = hidden.format(item=customs_item(statCd="US"))
    body = customs_reply(customs_item()).replace(b"</body>", f"<other>{place}</other></body>".encode())
    is_fast, quick, careful = ways(body)
    assert is_fast is fast
    assert quick["statCd"].to_pylist() == careful["statCd"].to_pylist() == ["VN"]


@pytest.mark.parametrize(
    "body",
    [
        "<!--<items>{item}</items>--><items>{item}{item}</items>",
        "<items/><more><items>{item}{item}</items></more>",
        "<items>{item}</items><items>{item}{item}</items>",
        "<items><item/>{item}</items>",
        "<items>{item} {item}</items>",
        "<items>{item}x{item}</items>",
        "<items>x{item}</items>",
        "<items a='1'>{item}</items>",
    ],
)
def test_a_list_in_another_place_or_with_more_in_it_is_read_as_the_tree_says(
    body: str, customs_reply, customs_item
) -> None:
    reply = customs_reply().replace(b"<items></items>", body.replace("{item}", customs_item()).encode())
    careful = child(read_xml(reply), "body", "items")
    assert careful is not None
    found = len(careful.findall("item"))
    if body.startswith("<items/>"):
        assert read_items(reply, FIELDS, "year")[1] == 0
    else:
        assert found
        assert read_items(reply, FIELDS, "year")[1] == found


@settings(max_examples=600, deadline=None)
@given(st.data())
def test_what_the_fast_way_takes_the_careful_way_reads_the_same(data: st.DataObject) -> None:
    """Damage anywhere in a list of items: where the fast way still answers, lxml has the same rows."""
    names = data.draw(st.lists(st.sampled_from(["year", "statCd", "expDlr", "a1", "item"]), min_size=1, unique=True))
    plain = st.text(alphabet=" x7;총]\t\n\u3000\ufeff'\"", max_size=4) | st.sampled_from(
        ["&amp;", "&lt;&gt;", "x&quot;"]
    )
    odd = st.sampled_from(["&#48;", "]]>", "&", ">", "\r", "\0", "\x1f", "\ufffe", "<b/>", "<!---->"])
    text = odd if data.draw(st.integers(0, 9)) == 0 else plain
    items = [
        "".join(["<item>", *(f"<{name}>{data.draw(text)}</{name}>" for name in names), "</item>"])
        for _ in range(data.draw(st.integers(1, 3)))
    ]
    body = f"<items>{''.join(items)}</items>".encode()
    if data.draw(st.booleans()):
        start = data.draw(st.integers(0, len(body)))
        damage = data.draw(
            st.sampled_from([b"", b"<", b">", b"/", b" ", b"\xff", b"<!---->", b"<item>", b"</item>", b"&x;"])
        )
        body = body[:start] + damage + body[start + data.draw(st.integers(0, 3)) :]
    reply = b"<response><header><resultCode>00</resultCode></header><body>" + body + b"</body></response>"
    try:
        batches = customs_xml._flat_batches(reply, FIELDS, 1)
    except ReplyUnreadable:
        with pytest.raises(ReplyUnreadable):
            customs_xml._list_of_items(reply, "The reply")
        return
    if batches is not None:
        quick = pa.Table.from_batches(batches, schema(FIELDS))
        careful = customs_xml._records(customs_xml._list_of_items(reply, "The reply"), 1)
        assert quick.equals(pa.Table.from_batches(record_batches(careful, FIELDS), schema(FIELDS)))


@pytest.mark.parametrize("size", [1, 200, 1000, 10**6])
def test_many_items_come_in_several_batches_with_rising_numbers(
    size: int, ways, customs_reply, customs_item, monkeypatch
) -> None:
    monkeypatch.setattr(flat_xml, "_CHUNK_BYTES", size)
    body = customs_reply(*(customs_item(expDlr=str(10**place)) for place in range(12)))
    is_fast, quick, careful = ways(body)
    assert is_fast
    assert quick["source_row"].to_pylist() == list(range(1, 13))
    assert quick.equals(careful)
    shifted, items = read_items(body, FIELDS, "year", first_source_row=101)
    assert (items, shifted["source_row"].to_pylist()) == (12, list(range(101, 113)))


def test_a_total_row_is_counted_as_an_item_and_is_no_row(customs_reply, customs_item) -> None:
    table, items = read_items(customs_reply(customs_item(), customs_item(year=" 총계 ")), FIELDS, "year")
    assert (items, table.num_rows) == (2, 1)


@pytest.mark.parametrize(
    "bomb",
    [
        '<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>',
        '<!DOCTYPE r SYSTEM "file:///etc/passwd">',
        '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
    ],
)
def test_a_document_type_is_refused_whatever_it_says(bomb: str, customs_reply, customs_item) -> None:
    good = customs_reply(customs_item())
    assert read_items(good, FIELDS, "year")[0].num_rows == 1
    with pytest.raises(ReplyUnreadable):
        read_items(good.replace(b"<response>", bomb.encode() + b"<response>"), FIELDS, "year")


def test_elements_nested_a_thousandfold_are_refused(customs_reply) -> None:
    for depth, is_refused in ((10, False), (1000, True)):
        body = customs_reply("<item>" + "<a>" * depth + "</a>" * depth + "</item>")
        if is_refused:
            with pytest.raises(ReplyUnreadable):
                read_items(body, FIELDS, "year")
        else:
            assert read_items(body, FIELDS, "year")[0].num_rows == 1


@pytest.mark.parametrize(
    "items",
    [
        ("<item/>", "<item />", "<item\n></item>", "<item a='1'></item>"),
        ("<item><itemCd>1</itemCd></item>",) * 4,
    ],
)
def test_items_are_announced_however_their_tags_are_written(items, customs_reply) -> None:
    announced = Announced(feed("customs_country_trade").contract)
    assert announce(customs_reply(*items), announced, "year") is False
    assert announced.rows == 4


def test_the_total_of_a_total_row_is_found_among_items_with_attributes(customs_reply, customs_item) -> None:
    total = customs_item(year="총계", expDlr="77").replace("<item>", "<item kind='t'>")
    announced = Announced(feed("customs_country_trade").contract)
    assert announce(customs_reply(customs_item(), total, customs_item()), announced, "year") is True
    assert (announced.rows, announced.totals["exports_usd"]) == (2, 77)
