"""`aggplus trades`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from aggplus.accounts import (
    Account,
    RefusedAccount,
    TradeList,
    TradingRules,
    account_files,
    csv_bytes,
    last_closes,
    read_account,
    read_prices,
    trades_for_accounts,
    trades_view,
)
from aggplus.command_line.exit_codes import BAD, DONE, EXIT
from aggplus.command_line.options import (
    AsOfOption,
    JsonOption,
    MarketOption,
    ModelArgument,
    chosen_market,
    market_files,
)
from aggplus.command_line.outputs import json_bytes, require_inputs_kept, require_outputs
from aggplus.console import console, show
from aggplus.desk import solve
from aggplus.errors import AccountError
from aggplus.files import write_whole
from aggplus.model import load_model

commands = typer.Typer()


@commands.command(
    "trades",
    epilog="Examples:  aggplus trades baseline --account holdings.csv --cash 125000 --prices prices.csv"
    "  |  aggplus trades client.toml --accounts accounts/ --prices prices.csv --min-trade 500 --out orders.csv",
)
def trades_command(
    model: ModelArgument,
    account: Annotated[
        Path | None, typer.Option(help="CSV of one account: ticker, shares; a line CASH for its money.")
    ] = None,
    accounts: Annotated[Path | None, typer.Option(help="Folder with such a CSV an account.")] = None,
    cash: Annotated[float | None, typer.Option(min=0.0, help="Money of accounts whose file has no line CASH.")] = None,
    prices: Annotated[Path | None, typer.Option(help="CSV of prices to trade at: ticker, price.")] = None,
    last_close: Annotated[bool, typer.Option("--last-close", help="Trade at the market's closes of the day.")] = False,
    min_trade: Annotated[float, typer.Option(min=0.0, help="Smallest trade, in money.")] = 0.0,
    do_not_sell: Annotated[list[str] | None, typer.Option(metavar="TICKER", help="Not to be sold; repeat it.")] = None,
    market: MarketOption = None,
    asof: AsOfOption = None,
    workers: Annotated[int, typer.Option(min=1, help="Processes.")] = 1,
    out: Annotated[Path | None, typer.Option(help="Write the orders as CSV.")] = None,
    json_file: JsonOption = None,
) -> None:
    """Turn a model into orders: whole shares nearest to its weights, within its clauses, cash never negative."""
    if (account is None) == (accounts is None):
        raise typer.BadParameter("give either --account FILE or --accounts FOLDER")
    if (prices is None) != last_close:
        raise typer.BadParameter(
            "closes of a market are relative levels, not prices to trade at: give --prices FILE (ticker, price), or "
            "--last-close to use them all the same"
            if prices is None
            else "--prices and --last-close: give one of them"
        )
    require_outputs(out, json_file)
    inside = account_files(accounts) if accounts is not None else []
    require_inputs_kept([model, account, prices, *inside, *market_files(market)], out, json_file)
    rules = TradingRules(min_trade, frozenset(do_not_sell or ()))
    quoted = None if prices is None else read_prices(prices)
    known_accounts, refused = _accounts(account, accounts, cash)
    known = chosen_market(market)
    portfolio = solve(load_model(model), known, asof)
    if portfolio.status != "solved":
        show(portfolio, console())
        raise typer.Exit(EXIT[portfolio.status])
    closes = last_closes(known, portfolio.setting.asof) if quoted is None else quoted
    result = trades_for_accounts(portfolio, known_accounts, closes, known.catalog, rules, refused, workers)
    if account is not None and result.refused:
        raise AccountError(result.refused[0].why)
    if out is not None:
        write_whole(out, csv_bytes(result))
    if json_file is not None:
        write_whole(json_file, json_bytes(result.to_dict()))
    console().print(trades_view(result))
    raise typer.Exit(_exit_code(result))


def _accounts(file: Path | None, folder: Path | None, cash: float | None) -> tuple[list[Account], list[RefusedAccount]]:
    if file is not None:
        return [read_account(file, cash)], []
    read: list[Account] = []
    refused: list[RefusedAccount] = []
    for path in [] if folder is None else account_files(folder):
        try:
            read.append(read_account(path, cash))
        except AccountError as error:
            refused.append(RefusedAccount(path.stem, str(error)))
    return read, refused


def _exit_code(result: TradeList) -> int:
    """As for a batch: bad input only where no account has a result; the refusals are printed."""
    return DONE if result.accounts else BAD
