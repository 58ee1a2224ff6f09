"""A monthly report on paper: a PDF by WeasyPrint, from the page with pictures in the place of scripts."""

from __future__ import annotations

from aggplus.errors import OutputError

_EXTRA = "pip install 'aggplus[pdf]'"


def require_paper() -> None:
    """Refuse a PDF before any work is done for it.

    Raises
    ------
    OutputError
        When WeasyPrint or the system's Pango, which it sets text with, is not installed.
    """
    try:
        import weasyprint  # noqa: F401
    except ImportError:
        raise OutputError(f"a PDF is made with weasyprint, which is not installed: {_EXTRA}") from None
    except OSError as error:
        raise OutputError(
            f"a PDF is made with weasyprint, which needs the system's Pango ({error}): install it, on Debian and "
            "Ubuntu with: apt-get install libpango-1.0-0 libpangoft2-1.0-0"
        ) from None


def pdf_of(page: str) -> bytes:
    """The page as a PDF: the same page is the same bytes.

    Parameters
    ----------
    page : str
        With every picture in it.
    """
    import weasyprint
    from weasyprint.urls import URLFetcher

    # Pictures are within the page: whatever else an address in it might name, nothing is fetched.
    within = URLFetcher(allowed_protocols=("data",), fail_on_errors=True)
    return bytes(weasyprint.HTML(string=page, url_fetcher=within).write_pdf())
