"""Write docs/cookbook.md from the mandates in examples/mandates and the built-in market: `make docs`."""

from __future__ import annotations

import re
import tempfile
import textwrap
from collections.abc import Iterator, Mapping
from itertools import takewhile
from pathlib import Path
from types import MappingProxyType

import aggplus
from aggplus.holdings_files import read_holdings

DOCS = Path(__file__).resolve().parent
PAGE = DOCS / "cookbook.md"
MANDATES = DOCS.parent / "examples" / "mandates"
_SHOWN = 4

_HEAD = """# Cookbook: what clients say, and how it is written down

Every mandate here is a file in [examples/mandates](../examples/mandates). Take the one nearest to your client's words,
copy it, change it, and solve it on your own market:

```sh
aggplus solve examples/mandates/02-capped-income.toml --market path/to/market
```

Below, each is solved on the built-in simulated market on its last day, 31 January 2024: the funds are invented and the
returns are a simulation's. What is real is the method: which limit binds, what it costs, and that nothing better is
allowed. The prices are the basis points of expected return a year that one more unit of a limit would add
([results.md](results.md)); a minimum has a negative price. The key of every line is in
[model-document.md](model-document.md). This page is written by `make docs`; the tests run every command on it.

| | client | clauses to look at |
|---|---|---|
"""

_LOOK_AT: Mapping[str, str] = MappingProxyType(
    {
        "01": "a fixed volatility, sector caps, a beta cap",
        "02": "a preset of diversification, a sector cap and a floor, an inherited group tightened",
        "03": "funds excluded by name, stale prices screened out",
        "04": "a duration band, sectors left out of the universe",
        "05": "turnover from what is held, costs by sector, inherited triggers turned off",
        "06": "a mean expense ratio, an advisory fee",
        "07": "a beta met exactly, another risk estimator, a ridge",
        "08": "tracking error, sectors measured against the benchmark",
        "09": "a number of funds and a least weight",
        "10": "priorities: what gives way first",
        "11": "a fixed volatility in a diversified portfolio, monthly checks",
        "12": "shares of a fund's volume and assets",
        "13": "a conflict, and the cheapest way out of it",
    }
)

_NOTES = """
01 The fixed target makes the portfolio independent of the benchmark's mood. "I cannot explain a loss" is not a clause
that a one-day estimate can promise; a small volatility and a small beta are what can be held to.

02 The group `credit` of the baseline is taken over by its name and only its `max` is changed. The price of the
Treasury floor is what the committee pays for sleeping well.

03 A fund that is left out has its reason: `--json` lists every one under `excluded`, those of the list as "excluded
by name". A ticker on the list that no fund bears is refused, lest a misspelt exclusion exclude nothing.

04 Funds whose duration nobody knows are left out as soon as a clause speaks of duration, and the result says how many
those are. On a market with few known durations, that is the clause that costs most.

05 The budget of a tenth goes where it earns most after costs. The price of `turnover` is the answer to the client's
second question: what one more percent of turnover would bring in a year. Without `--holdings` there is nothing to
measure from; the model is then solved without the limit and says so.

06 The price of the expense ratio is in basis points of expected return for one basis point of cost. Above 1, a dearer
fund would have paid for itself, on paper: expected returns are trailing ones, costs are certain.

07 `match = "equal"` makes the target an equation, so that its price may be negative: less beta would be better paid.
The document extends `conservative` and names its own estimator, which then starts from its own settings.

08 The weights of the benchmark's sectors are not in a market's files: the mandate states them. A client's risk budget
may be smaller than what is possible: on the real market in June 2020, no portfolio of these funds came within 1 %,
and `aggplus explain` said from where on it can be done.

09 Eight at most: the search for the names is exact, and fewer may do. A fund that would be best with two percent is
either raised to five or not there.

10 Everything that can be had, is had: the limits of the lowest priority give way first, by as little as possible, and
the result lists from where to where. `aggplus explain` says the same in words.

11 With a fixed target the weights move when the market's risk does, so this client looks every month and on every day
on which what is held has drifted a tenth above the target. The triggers are for `walk-forward` and `check`; a solve
does not read them.

12 With an account of 2,000 million, two days' volume of a fund that trades 20 million a day is 2 % of the account:
caps fund by fund, which make the portfolio broad by themselves.

13 Each wish can be had by itself. The conflict names a smallest set of them that clashes, which may be fewer than
all: what it does not name need not be given up. Each way out was solved before it was offered, the cheapest first.
"""


def notes() -> dict[str, str]:
    """What to see in each mandate, by its number."""
    return {text[:2]: " ".join(text[2:].split()) for text in _NOTES.strip().split("\n\n")}


def page() -> str:
    """The cookbook as Markdown."""
    market = aggplus.simulated_market()
    files = sorted(MANDATES.glob("*.toml"))
    rows = "".join(
        f"| [{path.name[:2]}](#{_anchor(path)}) | {aggplus.load_model(path).name} | {_LOOK_AT[path.name[:2]]} |\n"
        for path in files
    )
    return _HEAD + rows + "".join(_section(path, market) for path in files)


def _anchor(path: Path) -> str:
    title = f"{path.name[:2]} {aggplus.load_model(path).name}"
    return re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-")


def _section(path: Path, market: aggplus.Market) -> str:
    number, lines = path.name[:2], path.read_text(encoding="utf-8").splitlines()
    comment = list(takewhile(lambda line: line.startswith("#"), lines))
    document = "\n".join(lines[len(comment) :])
    # Lines that are set in are commands; the page has its own.
    words = " ".join(line.removeprefix("#").strip() for line in comment if not line.startswith("#   "))
    model, held = aggplus.load_model(path), path.with_name(f"{path.stem}-held.csv")
    holdings = read_holdings(held) if held.exists() else None
    portfolio = aggplus.solve(model, market, holdings=holdings)
    asked = f"examples/mandates/{path.name}" + (f" --holdings examples/mandates/{held.name}" if held.exists() else "")
    parts = [
        f"\n## {number} {model.name}\n",
        f"{_wrapped(words.strip())}\n",
        f"```toml\n{document}\n```\n",
        f"{_wrapped(notes()[number])}\n",
    ]
    if portfolio.status == "solved":
        parts += [f"```sh\naggplus solve {asked}\n```\n", *_solved(portfolio)]
    else:
        refused = f"aggplus solve {asked}     # exit code 3: no portfolio is allowed"
        parts += [
            f"```sh\n{refused}\naggplus explain {asked}   # exit code 3 as well\n```\n",
            *_explained(path, model, market),
        ]
    return "\n".join(parts)


def _wrapped(text: str) -> str:
    return textwrap.fill(text, 120, break_long_words=False, break_on_hyphens=False)


def _solved(portfolio: aggplus.ModelPortfolio) -> Iterator[str]:
    risk, target, certificate = portfolio.risk, portfolio.setting.target, portfolio.certificate
    assert risk is not None
    assert certificate is not None
    weights, sectors = portfolio.weights, portfolio.setting.catalog["sector"]
    first = ", ".join(f"{ticker} {100 * weight:.1f} %" for ticker, weight in weights.head(_SHOWN).items())
    rest = f" and {len(weights) - _SHOWN} more" if len(weights) > _SHOWN else ""
    by_sector = weights.groupby(sectors.reindex(weights.index)).sum().sort_values(ascending=False, kind="stable")
    shares = ", ".join(f"{sector} {100 * weight:.0f} %" for sector, weight in by_sector.items())
    value = {"volatility": risk.volatility, "beta": risk.beta, "tracking_error": risk.tracking_error}[target.kind]
    unit = "" if target.kind == "beta" else " %"
    name = target.kind.replace("_", " ")
    said = (
        f"**What comes out**: {len(weights)} of {len(portfolio.setting.risk_model.tickers)} eligible funds",
        f"({first}{rest}); {shares}. Expected return {portfolio.expected_return:.2f} % a year,",
        f"volatility {risk.volatility:.2f} %, beta {risk.beta:.2f};",
        f"{name} {value:.2f}{unit} against a target of {target.value:.2f}{unit}.",
        f"Nothing allowed is better by more than {max(certificate.gap_bp, 0.01):.2f} bp.",
    )
    yield _wrapped(" ".join(said)) + "\n"
    if portfolio.given_up:
        yield _wrapped("**What gave way**: " + "; ".join(given.words for given in portfolio.given_up) + ".") + "\n"
        return
    yield "**What binds, and what one more unit would add**:\n"
    yield "| limit | at | price |\n|---|---|---|"
    seen: dict[str, int] = {}
    for price in portfolio.shadow_prices:
        seen[price.clause] = seen.get(price.clause, 0) + 1
        if seen[price.clause] == 1:
            limit = price.unit.show(float(f"{price.limit:.4g}"))
            unit = price.unit.name.removesuffix("s")
            yield f"| {price.clause} | {limit} | {price.price_bp:+.2f} bp for 1 {unit} |"
    more = sum(count - 1 for count in seen.values())
    yield f"\n{more} more limits of the same names, fund by fund.\n" if more else ""


def _explained(path: Path, model: aggplus.Model, market: aggplus.Market) -> Iterator[str]:
    told = aggplus.explain(model, market)
    yield "**What comes out**: none; `explain` says:\n"
    yield "\n".join(f"> {sentence}\n>" for sentence in told.sentences).rstrip(">").rstrip() + "\n"
    (change,) = told.to_dict()["repair"]
    table, _, key = change["key"].rpartition(".")
    yield f"With the first way out, `{change['key']} = {change['value']:g}`:\n"
    with tempfile.TemporaryDirectory() as folder:
        repaired = Path(folder) / "repaired.toml"
        head = f'extends = "{path.as_posix()}"\nid = "{model.id}"\nname = "{model.name}"\n'
        repaired.write_text(f"{head}[{table}]\n{key} = {change['value']}\n", encoding="utf-8")
        yield from _solved(aggplus.solve(aggplus.load_model(repaired), market))


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
