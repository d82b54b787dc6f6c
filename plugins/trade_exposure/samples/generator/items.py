"""Trade by HS code and country: each country's total of a month, split over the codes that it trades in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from trade_exposure.samples.generator.draws import Chances, Draw, share_out
from trade_exposure.samples.generator.trade import Trade

COLUMNS = "month,hs6,country,country_name,exports_usd,exports_kg,imports_usd,imports_kg"
NAMES_FILE = "hs_names.csv"
_MANY, _SOME, _FEW = 44, 18, 5  # codes of the 25 largest partners, of the next 60, of the rest

# heading: name | code, weight of exports, weight of imports, dollars per kilogram: name | …
_HS = """
0303 냉동어류|030354 3 8 3 고등어|030342 4 1 4 황다랑어
0713 건조한 채두류|071331 1 3 2 녹두
1006 쌀|100630 1 4 1 정미
1507 대두유  |150710 1 6 1 조유
1902 파스타|190230 14 2 4 그 밖의 파스타(라면 등)
2106 따로 분류되지 않은 조제 식료품|210690 12 14 9 그 밖의 조제 식료품
2202 물과 음료|220299 8 3 2 그 밖의 음료
2402 시가와 궐련|240220 7 2 12 궐련
2601 철광|260111 1 30 1 응결시키지 않은 것
2603 동광|260300 1 24 2 동광과 그 정광
2701 석탄|270119 1 40 1 그 밖의 석탄
2709 석유와 역청유(원유)|270900 1 130 1 원유
2710 석유와 역청유 조제품|271012 60 40 1 경질유와 조제품|271019 110 20 1 그 밖의 석유제품
2711 석유가스|271111 1 70 1 천연가스(액화)|271112 1 12 1 프로판
2902 환식탄화수소|290243 14 3 1 파라-크실렌|290244 2 1 1 크실렌 이성체 혼합물
3004 의약품|300490 14 20 90 그 밖의 의약품
3002 사람의 피와 동물의 피|300215 22 14 900 면역물품|300241 6 5 700 백신
3304 미용이나 메이크업용 제품류|330499 46 8 25 기초화장용 제품류|330420 4 1 30 눈화장용 제품류
3901 에틸렌의 중합체|390120 14 2 1 폴리에틸렌(비중 0.94 이상)|390110 9 2 1 폴리에틸렌(비중 0.94 미만)
3902 프로필렌의 중합체|390210 13 1 1 폴리프로필렌
3903 스티렌의 중합체|390330 9 1 2 에이비에스(ABS) 공중합체
3907 폴리아세탈 & 그 밖의 폴리에테르|390740 6 1 3 폴리카보네이트|390799 4 2 3 그 밖의 폴리에스테르
4011 고무로 만든 공기타이어|401110 12 4 4 승용차용|401120 6 2 4 버스용이나 화물차용
5402 합성필라멘트사|540233 2 1 3 폴리에스테르 텍스처드사
6006 그 밖의 메리야스 편물|600632 5 1 6 합성섬유로 만든 것(염색한 것)
7108 금|710812 6 12 60000 그 밖의 가공하지 않은 모양
7208 철이나 비합금강의 평판압연제품(열간압연)|720839 7 8 1 두께 3밀리미터 미만|720851 6 4 1 두께 10밀리미터 초과
7210 철이나 비합금강의 평판압연제품(도금)|721049 16 2 1 아연을 도금한 것
7219 스테인리스강의 평판압연제품|721934 5 4 3 두께 0.5밀리미터 이상 1밀리미터 이하
7403 정제한 구리와 구리합금|740311 5 10 9 음극
8408 압축점화식 피스톤 내연기관|840820 7 3 12 차량 추진용 엔진
8414 펌프와 압축기|841480 7 6 14 그 밖의 펌프
8429 자주식 불도저와 굴착기|842952 16 1 6 상부구조가 360도 회전하는 기계
8471 자동자료처리기계|847170 44 22 300 기억장치
8481 밸브|848180 9 10 25 그 밖의 밸브
8486 반도체 제조용 기계|848620 30 60 200 반도체 디바이스 제조용 기계|848690 12 14 150 부분품
8504 변압기|850423 14 1 12 용량 1만 킬로볼트암페어 초과|850440 8 9 40 정지형 변환기
8507 축전지|850760 32 26 30 리튬이온 축전지
8517 전화기와 통신기기|851713 10 22 250 스마트폰|851779 12 9 120 부분품
8524 평판디스플레이 모듈|852492 36 4 180 유기발광다이오드(OLED)
8532 축전기|853224 9 3 90 세라믹 유전체(다층)
8534 인쇄회로|853400 12 8 60 인쇄회로
8541 반도체 디바이스|854143 5 6 12 광전지(모듈)
8542 전자집적회로|854231 90 60 900 프로세서와 컨트롤러|854232 210 40 1800 메모리|854239 24 30 700 그 밖의 집적회로
8703 승용자동차|870323 76 4 12 실린더 용량 1,500cc 초과 3,000cc 이하|870340 40 5 13 하이브리드|870380 34 9 15 전기차
8708 자동차 부분품|870829 22 3 8 차체 부분품|870899 26 6 9 그 밖의 부분품
8710 전차와 장갑차|871000 8 1 40 전차와 장갑차
8802 항공기|880240 3 9 900 비행기(자체중량 1만5천킬로그램 초과)
8901 여객선과 화물선|890120 46 1 5 탱커|890190 60 2 4 그 밖의 화물선
8905 조명선과 그 밖의 선박|890520 10 1 6 부유식 시추대나 생산대
9013 액정 디바이스와 광학기기|901380 6 3 60 그 밖의 광학기기
9018 의료용 기기|901890 9 9 80 그 밖의 기기|901812 5 1 120 초음파 진단기
9031 측정용이나 검사용 기기|903141 3 9 300 반도체 웨이퍼 검사용
9401 의자|940190 3 1 9 부분품
"""


def headings() -> dict[str, str]:
    """Korean names by 4 digits and by 6 digits, as the replies write them."""
    return {code: name for code, name, *_ in _codes()} | {
        line[:4]: line[5:].split("|")[0] for line in _HS.strip().split("\n")
    }


def hs_weights() -> dict[str, int]:
    """How much of exports goes into each 6-digit code."""
    return {code: exports for code, _, exports, _, _ in _codes()}


def _codes() -> list[tuple[str, str, int, int, int]]:
    found = []
    for line in _HS.strip().split("\n"):
        for part in line.split("|")[1:]:
            code, exports, imports, price, name = part.split(" ", 4)
            found.append((code, name, int(exports), int(imports), int(price)))
    return found


def write_items(folder: Path, trade: Mapping[date, Sequence[Trade]], seed: int) -> int:
    """``getNitemtradeList_<YYYY>.csv`` a year and the names of the codes; returns the number of rows.

    The codes of a country add up to its total of the month exactly, exports and imports alike.
    """
    codes = {code: (exports, imports, price) for code, _, exports, imports, price in _codes()}
    names = [f'{code},"{name}"' for code, name in sorted(headings().items())]
    (folder / NAMES_FILE).write_bytes(("hs,name\n" + "\n".join(names) + "\n").encode())
    chosen = _choose(trade, list(codes), seed)
    lines: dict[int, list[str]] = {}
    for month, rows in trade.items():
        draw = Draw(seed, "items", str(month))
        of_year = lines.setdefault(month.year, [COLUMNS])
        for row in rows:
            mine = chosen[row.code]
            swing = [draw.around(500) for _ in mine]
            out = share_out(row.exports, [codes[code][0] * part for code, part in zip(mine, swing, strict=True)])
            into = share_out(row.imports, [codes[code][1] * part for code, part in zip(mine, swing, strict=True)])
            for code, exports, imports in zip(mine, out, into, strict=True):
                if exports or imports:
                    price = codes[code][2]
                    of_year.append(
                        f"{month:%Y%m},{code},{row.code},{row.name},{exports},{exports // price},{imports},{imports // price}"
                    )
    for year, found in lines.items():
        _with_oddities(found)
        (folder / f"getNitemtradeList_{year}.csv").write_bytes(("\n".join(found) + "\n").encode())
    return sum(len(found) - 1 for found in lines.values())


def _choose(trade: Mapping[date, Sequence[Trade]], codes: list[str], seed: int) -> dict[str, list[str]]:
    """The codes that each country trades in, the same in every month."""
    size: dict[str, int] = {}
    for rows in trade.values():
        for row in rows:
            size[row.code] = size.get(row.code, 0) + row.exports + row.imports
    weights = {code: exports + imports for code, _, exports, imports, _ in _codes()}
    found = {}
    for rank, country in enumerate(sorted(size, key=lambda code: (-size[code], code))):
        draw = Draw(seed, "codes of", country)
        count = _MANY if rank < 25 else _SOME if rank < 85 else _FEW
        left = dict(weights)
        mine: set[str] = set()
        while len(mine) < count:
            code = Chances(left).pick(draw)
            mine.add(code)
            del left[code]
        found[country] = [code for code in codes if code in mine]
    return found


def _with_oddities(lines: list[str]) -> None:
    """Two things that real rows have: a negative weight (a correction), and no weight for some dollars."""
    for number, kg in ((len(lines) // 3, lambda kg: -kg), (len(lines) // 2, lambda _: 0)):
        month, hs, country, name, exports, exports_kg, *imports = lines[number].split(",")
        lines[number] = ",".join([month, hs, country, name, exports, str(kg(int(exports_kg))), *imports])
