"""Functions and files stay short enough to be read in one go."""

import ast
from collections.abc import Iterator
from pathlib import Path

LONGEST_FUNCTION = 60
LONGEST_FILE = 400


def sources(repository: Path) -> Iterator[Path]:
    for folder in ("desktop", "installer", "tests"):
        yield from sorted((repository / folder).rglob("*.py"))


def test_no_file_holds_a_second_idea(repository: Path) -> None:
    lengths = {path: len(path.read_text("utf-8").splitlines()) for path in sources(repository)}
    assert lengths
    assert [(str(p), n) for p, n in lengths.items() if n > LONGEST_FILE] == []


def test_no_function_needs_splitting(repository: Path) -> None:
    long = []
    for path in sources(repository):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > LONGEST_FUNCTION:
                    long.append((str(path), node.name, lines))
    assert long == []
