"""The pages of ``dbt docs``, kept from calling any foreign host."""

from __future__ import annotations

from pathlib import Path

from trade_exposure.errors import ExposureError
from trade_exposure.settings import get_settings
from trade_exposure.warehouse import dbt

_POLICY = (
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; "
    "style-src 'unsafe-inline'; img-src data: blob:; font-src data:; connect-src data: blob:; base-uri 'none'; "
    "form-action 'none'\">"
)


def draw() -> Path:
    """Draw the page of the dbt project below the reports folder; once for each state of the project.

    The page is drawn without a database: it tells of tables, columns, tests and lineage, all of which the project declares.

    Raises:
        ExposureError: dbt could not draw the page, or it has no ``<head>`` to keep it from calling foreign hosts.
    """
    folder, code_sha256 = get_settings().reports_dir / "dbt_docs", dbt.code_sha256()
    page, drawn_for = folder / "index.html", folder / "project.sha256"
    if page.exists() and drawn_for.exists() and drawn_for.read_text(encoding="ascii") == code_sha256:
        return page
    dbt.run(Path(":memory:"), "docs", "generate", "--static", "--empty-catalog")
    drawn = (get_settings().warehouse_dir / "dbt" / "target" / "static_index.html").read_text(encoding="utf-8")
    if "<head>" not in drawn:
        raise ExposureError("The page of dbt docs has no <head>, so it cannot be kept from calling foreign hosts.")
    folder.mkdir(parents=True, exist_ok=True)
    unfinished = folder / ".index.html.unfinished"
    unfinished.write_text(drawn.replace("<head>", f"<head>{_POLICY}", 1), encoding="utf-8")
    unfinished.replace(page)
    drawn_for.write_text(code_sha256, encoding="ascii")
    return page


if __name__ == "__main__":
    draw()
