"""Code tables: what the seeds say, and what cannot be used."""

from __future__ import annotations

from pathlib import Path

import pytest

from trade_exposure.errors import ConfigurationError
from trade_exposure.feeds.code_tables import CODE_TABLES, code_table, key_of
from trade_exposure.feeds.contract_columns import LOOKUPS

SEEDS = Path(__file__).resolve().parents[2] / "dbt_project" / "seeds"


def test_every_lookup_that_a_contract_may_name_has_its_table() -> None:
    assert set(CODE_TABLES) == set(LOOKUPS)
    assert all(code_table(lookup, SEEDS) for lookup in CODE_TABLES)


@pytest.mark.parametrize(
    ("lookup", "text", "key"),
    [
        ("country_iso2", "NA", "NA"),
        ("country_iso3", "NAM", "NA"),
        ("country_customs", "NA", "NA"),
        ("country_ksight", "511", "BR"),
        ("country_name_ko", "터키", "TR"),
        ("country_name_ko", "아랍에미리트연합", "AE"),
        ("country_name_en", "TURKEY", "TR"),
        ("currency", "KRW", "KRW"),
        ("product", "ST_SPEC", "ST_SPEC"),
        ("product", "단기수출보험(선적후)개별보험", "ST_SPEC"),
        ("region_name_ko", "강원도", "GANGWON"),
        ("center", "AITC01", "AITC01"),
    ],
)
def test_a_known_text_has_its_key(lookup: str, text: str, key: str) -> None:
    assert code_table(lookup, SEEDS)[key_of(lookup, text)] == key


@pytest.mark.parametrize(
    ("lookup", "text"),
    [
        ("country_iso2", "na"),
        ("country_iso2", "ZZ"),
        ("country_customs", "ZZ"),
        ("currency", "krw"),
        ("country_name_ko", "한국은행"),
    ],
)
def test_a_text_that_is_not_the_code_itself_is_unknown(lookup: str, text: str) -> None:
    assert key_of(lookup, text) not in code_table(lookup, SEEDS)


def seeds(folder: Path, currency: str) -> Path:
    (folder / "currency.csv").write_text(currency, encoding="utf-8")
    return folder


def test_a_changed_seed_is_read_again(tmp_path: Path) -> None:
    assert code_table("currency", seeds(tmp_path, "currency\nKRW\n")) == {"KRW": "KRW"}
    assert code_table("currency", seeds(tmp_path, "currency\nKRW\nUSD\n")) == {"KRW": "KRW", "USD": "USD"}


def test_a_text_with_two_meanings_is_refused(tmp_path: Path) -> None:
    (tmp_path / "korean_region.csv").write_text("name_ko,region_key\n광주,GWANGJU\n", encoding="utf-8")
    (tmp_path / "region_alias.csv").write_text("alias,region_key\n광 주,GYEONGGI\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"'광 주' stands for GWANGJU and for GYEONGGI; keep one\."):
        code_table("region_name_ko", tmp_path)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("currency\n", "are empty; restore them"),
        ("name\nKRW\n", "cannot be read"),
        ("currency\n,\n\n", "cannot be read|are empty"),
    ],
)
def test_a_seed_that_cannot_be_used_is_refused(tmp_path: Path, content: str, complaint: str) -> None:
    with pytest.raises(ConfigurationError, match=complaint):
        code_table("currency", seeds(tmp_path, content))
