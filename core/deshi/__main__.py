"""`python -m deshi`."""

from deshi.cli import main

if __name__ == "__main__":
    main()
