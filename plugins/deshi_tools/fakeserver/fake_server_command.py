"""Serve the APIs of paid teachers locally, without a model.

`deshi fake-server`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from deshi.cli.options import PathType, set_options


@click.command("fake-server")
@click.option("--host", default="127.0.0.1", show_default=True, help="An address of this machine.")
@click.option("--port", type=click.IntRange(0, 65535), default=8765, show_default=True)
@click.option("--seed", type=int, default=0, show_default=True, help="Seed of answers and faults.")
@click.option("--steady", is_flag=True, help="The same request always gets the same answer.")
@click.option("--latency", type=click.FloatRange(0), default=0.0, help="Seconds per answer.")
@click.option("--rpm", type=click.IntRange(1), help="Requests per minute.")
@click.option("--itpm", type=click.IntRange(1), help="Input tokens per minute.")
@click.option("--otpm", type=click.IntRange(1), help="Output tokens per minute.")
@click.option("--in-flight", type=click.IntRange(1), help="Concurrent requests.")
@click.option(
    "--key", envvar="DESHI_FAKE_KEY", default="", help="The only accepted key; by default any."
)
@click.option(
    "--price", type=float, nargs=2, default=(0.0, 0.0), help="USD per million, in and out."
)
@click.option("--faults", type=PathType(), help="A script of faults, in TOML.")
@click.option("--books", type=PathType(), help="Record requests in this file.")
@click.option("--batch-seconds", type=click.FloatRange(0), default=1.0, show_default=True)
@set_options
def command(
    *,
    in_flight: int | None,
    price: tuple[float, float],
    faults: Path | None,
    sets: tuple[str, ...],
    registries: tuple[Path, ...],
    **settings: Any,  # noqa: ANN401
) -> None:
    """Serve what Anthropic, OpenAI and OpenRouter serve, without a model: for tests and trials."""
    from deshi.api import NotReadyError, install_command
    from deshi.registry import Registry
    from deshi_tools.fakeserver.faults import read_faults

    try:
        from deshi_tools.fakeserver.server import Settings, serve
    except ModuleNotFoundError:
        raise NotReadyError(
            "needs the extra 'llm', which is not installed",
            where="deshi fake-server",
            fix=f"run `{install_command('llm', 'offline')}`",
        ) from None
    chosen = Settings(
        at_most=in_flight,
        price=(round(price[0] * 1000), round(price[1] * 1000)),
        faults=read_faults(faults) if faults else (),
        **settings,
    )
    serve(chosen, Registry(Path(), sets=sets, files=registries), _tell)


def _tell(address: str) -> None:
    click.echo(address)
    click.echo("deshi: any key will do; Ctrl-C stops it", err=True)
