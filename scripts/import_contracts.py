"""A contract for import-linter: what a package may import, as an allow list.

Its own kinds of contract forbid what they name; here all that is not named is forbidden, so that a new
package is out of reach until a list says otherwise.
"""

from __future__ import annotations

import sys
from typing import Any

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output


class AllowedImportsContract(Contract):
    """`packages` may import themselves and what is in `allowed`, and nothing else.

    `among` says which imports count: those of modules below these packages, or, where it is left out, of
    all installed libraries but Python's own. `exempt` packages have a list of their own.
    """

    type_name = "allowed"

    packages = fields.ListField(subfield=fields.StringField())
    allowed = fields.ListField(subfield=fields.StringField())
    among = fields.ListField(subfield=fields.StringField(), required=False)
    exempt = fields.ListField(subfield=fields.StringField(), required=False)

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:  # noqa: ARG002, FBT001
        """Find every import that no list allows."""
        own = [str(name) for name in self.packages]  # type: ignore[attr-defined]
        allowed = [str(name) for name in self.allowed]  # type: ignore[attr-defined]
        among = [str(name) for name in self.among or ()]  # type: ignore[attr-defined]
        exempt = [str(name) for name in self.exempt or ()]  # type: ignore[attr-defined]
        known = {*sys.stdlib_module_names, *(name.partition(".")[0] for name in own)}
        found = sorted(
            (importer, imported)
            for importer in graph.modules
            if _is_below(importer, own) and not _is_below(importer, exempt)
            for imported in graph.find_modules_directly_imported_by(importer)
            if not _is_below(imported, [*own, *allowed])
            and (_is_below(imported, among) if among else imported.partition(".")[0] not in known)
        )
        return ContractCheck(kept=not found, metadata={"imports": found})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Print the imports."""
        imports: list[tuple[str, str]] = check.metadata["imports"]
        for importer, imported in imports:
            output.print_error(f"{importer} imports {imported}, which no list allows")


def _is_below(module: str, packages: list[Any]) -> bool:
    return any(module == name or module.startswith(f"{name}.") for name in packages)
