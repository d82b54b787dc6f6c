"""Suites of expectations: committed JSON files in which every rule says what it stops, who owns it and why it exists.

A suite file is ``{"name", "meta", "expectations": [{"type", "kwargs", "severity", "meta"}]}`` in the wording of Great
Expectations, plus a ``meta`` per rule that is obligatory here: ``rule`` (unique id), ``dimension`` (as in the Open Data
Contract Standard), ``owner``, ``scope``, ``reason_en`` and ``reason_ko``. The key ``story`` tells where a threshold comes from.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from trade_exposure.errors import ConfigurationError

Severity = Literal["critical", "warning", "info"]
Scope = Literal["row", "batch"]
Dimension = Literal["accuracy", "completeness", "conformity", "consistency", "coverage", "timeliness", "uniqueness"]

_Text = Field(min_length=1)
_VARIABLE = re.compile(r"\$([a-z][a-z_]*)")
_SAFE_VALUE = re.compile(r"[0-9A-Za-z_.:+-]*")


class _Meta(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    rule: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    dimension: Dimension
    owner: str = _Text
    scope: Scope
    reason_en: str = _Text
    reason_ko: str = _Text
    story: str = ""


class _Expectation(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    type: str = _Text
    kwargs: dict[str, Any]
    severity: Severity
    meta: _Meta

    @model_validator(mode="after")
    def _a_quarantining_rule_counts_every_row(self) -> Self:
        if self.meta.scope == "row" and self.severity == "critical" and "mostly" in self.kwargs:
            raise ValueError(f"rule {self.meta.rule} quarantines rows and therefore cannot have 'mostly'")
        return self


class _SuiteFile(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = _Text
    meta: dict[str, Any]
    expectations: tuple[_Expectation, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _rule_ids_are_unique(self) -> Self:
        rules = [expectation.meta.rule for expectation in self.expectations]
        twice = sorted({rule for rule in rules if rules.count(rule) > 1})
        if twice:
            raise ValueError(f"the rule {twice[0]} occurs more than once")
        return self


@dataclass(frozen=True)
class Rule:
    """One expectation with its obligations. ``kwargs`` are those of the Great Expectations class ``type``."""

    rule: str
    type: str
    kwargs: Mapping[str, Any]
    severity: Severity
    scope: Scope
    dimension: str
    owner: str
    reason_en: str
    reason_ko: str

    @property
    def quarantines(self) -> bool:
        """Whether a row that fails the rule goes to quarantine."""
        return self.scope == "row" and self.severity == "critical"

    @property
    def stops(self) -> bool:
        """Whether a failure stops the whole load or publication."""
        return self.scope == "batch" and self.severity == "critical"


@dataclass(frozen=True)
class Suite:
    """A loaded suite; ``sha256`` is that of the file's bytes."""

    name: str
    rules: tuple[Rule, ...]
    sha256: str

    def with_variables(self, variables: Mapping[str, str]) -> Suite:
        """The suite with every ``$name`` in its kwargs replaced, inside SQL too.

        Raises:
            ConfigurationError: a rule uses a variable that is not given, or a value could end a quoted SQL text.
        """
        for name, value in variables.items():
            if not _SAFE_VALUE.fullmatch(value):
                raise ConfigurationError(f"The value {value!r} of the suite variable ${name} cannot be used in a rule.")
        rules = tuple(
            Rule(**{**rule.__dict__, "kwargs": _substitute(dict(rule.kwargs), variables, rule.rule)})
            for rule in self.rules
        )
        return Suite(self.name, rules, self.sha256)


def load_suite(path: Path) -> Suite:
    """Read one suite file.

    Raises:
        ConfigurationError: the file is missing, is not JSON, or a rule lacks what it must say; one sentence names it.
    """
    try:
        content = path.read_bytes()
        read = _SuiteFile.model_validate(json.loads(content))
    except OSError as error:
        raise ConfigurationError(f"The suite {path} cannot be read: {error.strerror}.") from None
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"The suite {path} is not JSON: {error}.") from None
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "the file"
        raise ConfigurationError(f"The suite {path} is broken at {place}: {first['msg']}.") from None
    rules = tuple(
        Rule(
            rule=expectation.meta.rule,
            type=expectation.type,
            kwargs=expectation.kwargs,
            severity=expectation.severity,
            scope=expectation.meta.scope,
            dimension=expectation.meta.dimension,
            owner=expectation.meta.owner,
            reason_en=expectation.meta.reason_en,
            reason_ko=expectation.meta.reason_ko,
        )
        for expectation in read.expectations
    )
    return Suite(read.name, rules, hashlib.sha256(content).hexdigest())


def _substitute(value: Any, variables: Mapping[str, str], rule: str) -> Any:
    if isinstance(value, dict):
        return {key: _substitute(item, variables, rule) for key, item in value.items()}
    if isinstance(value, list):
        return [_substitute(item, variables, rule) for item in value]
    if not isinstance(value, str):
        return value

    def given(match: re.Match[str]) -> str:
        try:
            return variables[match[1]]
        except KeyError:
            raise ConfigurationError(f"The rule {rule} uses the variable ${match[1]}, which was not given.") from None

    return _VARIABLE.sub(given, value)
