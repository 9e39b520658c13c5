"""A bar where somebody watches, one plain line a stage where nobody does."""

import io

from likeness.jobs.terminal import Terminal


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


def tell(stream: io.StringIO) -> str:
    terminal = Terminal(stream, "jo.ply")
    for stage in ("read", "start"):
        for step in range(5):
            terminal(stage, step / 4)
    terminal.close()
    return stream.getvalue()


def test_a_log_gets_one_line_a_stage():
    assert tell(io.StringIO()).splitlines() == ["jo.ply: reading the scan",
                                                "jo.ply: finding the pose"]


def test_a_screen_gets_one_bar_that_leaves_a_clean_line():
    drawn = tell(Screen())
    assert "\n" not in drawn
    assert "finding the pose" in drawn
    assert "%" in drawn
    assert drawn.endswith("\r\x1b[K")
