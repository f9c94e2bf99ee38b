"""The program `deshi`, which is `python -m deshi` too."""

from deshi.workspace.stop_signals import StopSignals


def main() -> None:
    """Run the command line; what is imported for it is interrupted in order, too."""
    signals = StopSignals.installed()
    try:
        from deshi.cli import main as command_line

        command_line()
    except KeyboardInterrupt:
        import sys

        sys.stderr.write(f"{signals.message}\n")
        sys.exit(signals.status)


if __name__ == "__main__":
    main()
