"""`aggplus trades`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from aggplus.command_line.completion import tickers
from aggplus.command_line.examples import examples
from aggplus.command_line.exit_codes import BAD, DONE, EXIT
from aggplus.command_line.options import (
    AsOfOption,
    JsonOption,
    MarketOption,
    ModelArgument,
    QuietOption,
    WorkersOption,
    XlsxOption,
    chosen_market,
    market_files,
)
from aggplus.command_line.outputs import (
    require_inputs_kept,
    require_outputs,
    require_outside,
    result_page,
    write_json,
    write_result,
)
from aggplus.command_line.progress import waiting

if TYPE_CHECKING:
    from aggplus.accounts import Account, RefusedAccount

commands = typer.Typer()


@commands.command(
    "trades",
    epilog=examples(
        "aggplus trades baseline --account holdings.csv --cash 125000 --prices prices.csv",
        "aggplus trades client.toml --accounts accounts/ --prices prices.csv --min-trade 500 --out orders.csv",
    ),
)
def trades_command(
    model: ModelArgument,
    account: Annotated[
        Path | None, typer.Option(metavar="FILE", help="CSV of one account: ticker, shares; a line CASH for its money.")
    ] = None,
    accounts: Annotated[Path | None, typer.Option(metavar="DIR", help="Folder with such a CSV an account.")] = None,
    cash: Annotated[
        float | None, typer.Option(min=0.0, metavar="MONEY", help="Money of accounts whose file has no line CASH.")
    ] = None,
    prices: Annotated[
        Path | None, typer.Option(metavar="FILE", help="CSV of prices to trade at: ticker, price.")
    ] = None,
    last_close: Annotated[bool, typer.Option("--last-close", help="Trade at the market's closes of the day.")] = False,
    min_trade: Annotated[float, typer.Option(min=0.0, metavar="MONEY", help="Smallest trade, in money.")] = 0.0,
    do_not_sell: Annotated[
        list[str] | None,
        typer.Option(metavar="TICKER", help="Not to be sold; repeat it.", autocompletion=tickers),
    ] = None,
    market: MarketOption = None,
    asof: AsOfOption = None,
    workers: WorkersOption = 1,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the orders as CSV.")] = None,
    json_file: JsonOption = None,
    xlsx: XlsxOption = None,
    quiet: QuietOption = False,
) -> None:
    """Turn a model into orders: whole shares nearest to its weights, within its clauses, cash never negative."""
    from aggplus.accounts import (
        TradingRules,
        account_files,
        csv_bytes,
        last_closes,
        read_prices,
        trades_for_accounts,
        trades_view,
    )
    from aggplus.console import show
    from aggplus.desk import solve
    from aggplus.errors import AccountError
    from aggplus.model import load_model
    from aggplus.workbook import require_workbook, trades_workbook

    if (account is None) == (accounts is None):
        raise typer.BadParameter("give either --account FILE or --accounts FOLDER")
    if (prices is None) != last_close:
        raise typer.BadParameter(
            "closes of a market are relative levels, not prices to trade at: give --prices FILE (ticker, price), or "
            "--last-close to use them all the same"
            if prices is None
            else "--prices and --last-close: give one of them"
        )
    require_outputs(out, json_file, xlsx)
    inside = account_files(accounts) if accounts is not None else []
    require_inputs_kept([model, account, prices, *inside, *market_files(market)], out, json_file, xlsx)
    require_outside(accounts, out, json_file, xlsx)
    if xlsx is not None:
        require_workbook()
    rules = TradingRules(min_trade, frozenset(do_not_sell or ()))
    quoted = None if prices is None else read_prices(prices)
    known_accounts, refused = _accounts(account, accounts, cash)
    known = chosen_market(market, quiet=quiet)
    page = result_page(quiet, out, json_file, xlsx)
    with waiting("solving", quiet=quiet):
        portfolio = solve(load_model(model), known, asof)
    closes = last_closes(known, portfolio.setting.asof) if quoted is None else quoted
    with waiting(f"trading {len(known_accounts)} accounts", quiet=quiet):
        result = trades_for_accounts(portfolio, known_accounts, closes, known.catalog, rules, refused, workers)
    if account is not None and result.refused:
        raise AccountError(result.refused[0].why)
    if out is not None:
        write_result(out, csv_bytes(result))
    write_json(json_file, result.to_dict())
    if xlsx is not None:
        write_result(xlsx, trades_workbook(result))
    solved = portfolio.status == "solved"
    for refusal in () if solved and not page.quiet else result.refused:
        # Whose account is not traded is told, whatever is printed.
        print(f"aggplus: {refusal.why}", file=sys.stderr)
    if not solved:
        show(portfolio, page)
        raise typer.Exit(EXIT[portfolio.status])
    page.print(trades_view(result))
    # As for a batch: bad input only where no account has a result; the refusals are printed.
    raise typer.Exit(DONE if result.accounts else BAD)


def _accounts(file: Path | None, folder: Path | None, cash: float | None) -> tuple[list[Account], list[RefusedAccount]]:
    from aggplus.accounts import RefusedAccount, account_files, other_files, read_account, read_single_account
    from aggplus.errors import AccountError

    if file is not None:
        return [read_single_account(file, cash)], []
    if folder is None:
        return [], []
    read: list[Account] = []
    refused = [
        RefusedAccount(path.name, f"{str(path)!r}: no CSV file; save it as one (ticker, shares), or take it out")
        for path in other_files(folder)
    ]
    for path in account_files(folder):
        try:
            read.append(read_account(path, cash))
        except AccountError as error:
            refused.append(RefusedAccount(path.stem, str(error)))
    return read, refused
