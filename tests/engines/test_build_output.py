"""What a build prints: its steps, and what its commands print that looks like steps."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from buildd.engines.docker import build, buildkit
from buildd.engines.image_definition.digest import ImageDefinition, ImageSource, define
from buildd.errors import ImageError
from buildd.model import EngineName

BIG = "9" * 5000

Reports = list[tuple[str, int | None]]


@pytest.fixture
def definition(tmp_path: Path) -> ImageDefinition:
    dockerfile = tmp_path / "Dockerfile"
    dockerfile.write_text("FROM scratch\nRUN make\n")
    return define(
        ImageSource(
            engine=EngineName.DOCKER,
            dockerfile=str(dockerfile),
            context="",
            table="environments.build",
        )
    )


def events(*lines: str) -> Iterator[dict[str, Any]]:
    return ({"stream": f"{line}\n"} for line in lines)


@pytest.mark.parametrize("numbers", [f"{BIG}/{BIG}", f"{BIG}/1", f"1/{BIG}", "9/0", "0/0", "5/2"])
def test_no_number_that_a_command_prints_is_taken_for_progress(
    definition: ImageDefinition, numbers: str
) -> None:
    shown: Reports = []
    lines = ["Step 2/2 : RUN make", f"Step {numbers} : RUN x", f"#9 [{numbers}] RUN x", "on"]
    build._follow(events(*lines), definition, lambda *told: shown.append(told))
    reader = buildkit._ProgressReader(
        definition, lambda *told: shown.append(told), lambda line: line
    )
    reader.read("#4 [2/2] RUN make")
    reader.read(f"#9 [{numbers}] RUN x")
    reader.read(f"ab.buildd.Dockerfile:{BIG}")
    reader.read("#4 1.0 on")
    assert {percentage for _, percentage in shown} <= {None, 50}
    assert reader.error().line == 1


@pytest.mark.parametrize("step", [BIG, "99", "0"])
def test_a_failure_after_a_forged_step_has_a_line_of_the_file(
    definition: ImageDefinition, step: str
) -> None:
    said = [*events("Step 2/2 : RUN make", f"Step {step}/{step} : RUN x"), {"error": "it failed"}]
    with pytest.raises(ImageError) as raised:
        build._follow(said, definition, lambda *_: None)
    assert raised.value.line in (1, 2)
