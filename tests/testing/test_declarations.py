"""These tests find declarations of tests from their names and the sources, without guessing."""

from __future__ import annotations

from pathlib import Path

import pytest

from buildd.model import TestResult, TestState
from buildd.testing.declarations import Declarations
from buildd.testing.declarations.sources import Path as Names

PYTHON = '''\
import unittest

class TestGroup(unittest.TestCase):
    """class Wrong:
    def test_wrong(): pass
    """
    def test_compares(self):
        text = """
def test_adds(): pass
if dedented: pass
"""
        for one in text: pass

    @staticmethod
    async def test_waits(): pass

    class TestInner:
        def test_deep(self):
            def test_local(): pass

if unittest:
    def test_adds(): pass
else:
    pass

def test_twice(): pass
def test_twice(): pass  # def test_comment(): pass
'''

GO = """\
package price

func helper() {}

func TestPrice(t *testing.T) {
	t.Run("in_euro", func(t *testing.T) {})
}

func (s *Suite) TestMethod() {}
"""

RUST = """\
pub fn add() {}
fn twice() {}
#[cfg(test)]
mod tests {
    #[test]
    fn works() {}
    #[tokio::test]
    async fn waits() {}
    fn twice() {}
}
"""

JAVASCRIPT = """\
import { describe, it } from "vitest";
describe("outer", () => {
  it("works", () => {});
  describe.only('in "ner"', () => {
    test.skip(
      `wor\\`ks`, () => {});
  });
  it.each([1])("adds %i", () => {});
});
describe("other", () => {
  it("works", () => {});
});
tests.it("none");
it("twice"); it("twice");
it("twice");
"""

TREE = {
    "tests/test_it.py": PYTHON,
    "tests/doc.txt": ">>> 1",
    "far/a/same.py": PYTHON,
    "far/b/same.py": PYTHON,
    "go.mod": 'module "example.org/shop" // quoted\n',
    "price/price_test.go": GO,
    "price/other_test.go": "package price\nfunc TestOther(t *testing.T) {}\n",
    "price/system_linux_test.go": "func TestSystem(t *testing.T) {}\n",
    "price/system_darwin_test.go": "func TestSystem(t *testing.T) {}\n",
    "far/go.mod": "module example.org/far\n",
    "far/far_test.go": GO,
    "one/Cargo.toml": '[package]\nname = "crate-one"\n',
    "one/src/lib.rs": RUST,
    "one/src/deep.rs": RUST,
    "one/src/deep/er/mod.rs": RUST,
    "one/tests/whole.rs": "#[test]\nfn all() {}\n",
    "two/Cargo.toml": '[package]\nname = "two"\n',
    "two/src/lib.rs": "#[test]\nfn only_here() {}\n",
    "web/a.test.ts": JAVASCRIPT,
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("project")
    for name, text in TREE.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


@pytest.mark.parametrize(
    ("source", "path", "expected"),
    [
        ("pytest", ("tests/test_it.py", "TestGroup", "test_compares"), "tests/test_it.py:7"),
        ("pytest", ("tests/test_it.py", "TestGroup", "test_waits"), "tests/test_it.py:15"),
        ("pytest", ("tests/test_it.py", "TestGroup", "TestInner", "test_deep"), "…:18"),
        ("pytest", ("tests/test_it.py", "test_adds[a::b-1]"), "tests/test_it.py:22"),
        ("pytest", ("tests/test_it.py", "test_adds [part] (i=1)"), "tests/test_it.py:22"),
        ("pytest", ("test_it.py", "test_adds"), "tests/test_it.py:22"),
        ("pytest", ("tests/test_it.py", "test_twice"), "tests/test_it.py"),
        ("pytest", ("tests/test_it.py", "test_wrong"), "tests/test_it.py"),
        ("pytest", ("tests/test_it.py", "TestGroup", "test_inherited"), "tests/test_it.py"),
        ("pytest", ("tests/doc.txt", "doc.txt"), "tests/doc.txt"),
        ("pytest", ("same.py", "test_adds"), None),
        ("pytest", ("../tests/test_it.py", "test_adds"), None),
        ("unittest", ("tests", "test_it", "TestGroup", "test_compares (i=1)"), "…:7"),
        ("unittest", ("tests.test_it", "TestGroup", "test_compares"), "tests/test_it.py:7"),
        ("unittest", ("test_it", "TestGroup", "test_missing"), "tests/test_it.py"),
        ("unittest", ("unittest", "loader", "_FailedTest", "test_imp"), None),
        ("go", ("example.org/shop/price", "TestPrice"), "price/price_test.go:5"),
        ("go", ("example.org/shop/price", "TestPrice", "in_euro"), "price/price_test.go:5"),
        ("go", ("example.org/shop/price", "TestOther"), "price/other_test.go:2"),
        ("go", ("example.org/shop/price", "TestMethod"), None),
        ("go", ("example.org/shop/price", "TestSystem"), None),
        ("go", ("example.org/shopping", "TestPrice"), None),
        ("go", ("example.org/far", "TestPrice"), "far/far_test.go:5"),
        ("go", ("example.org/shop/price",), None),
        ("cargo", ("crate_one", "src/lib.rs", "tests", "works"), "one/src/lib.rs:6"),
        ("cargo", ("crate_one", "src/lib.rs", "deep", "tests", "waits"), "one/src/deep.rs:8"),
        ("cargo", ("crate_one", "src/lib.rs", "deep", "er", "works"), "one/src/deep/er/mod.rs:6"),
        ("cargo", ("crate_one", "src/lib.rs", "tests", "twice"), "one/src/lib.rs"),
        ("cargo", ("program", "src/lib.rs", "only_here"), "two/src/lib.rs:2"),
        ("cargo", ("whole", "tests/whole.rs", "all"), "one/tests/whole.rs:2"),
        ("cargo", ("crate_one", "doc tests", "src/lib.rs - add (line 1)"), "one/src/lib.rs:1"),
        ("cargo", ("crate_one", "works"), None),
        ("vitest", ("web/a.test.ts", "outer", "works"), "web/a.test.ts:3"),
        ("vitest", ("web/a.test.ts", "outer", 'in "ner"', "wor`ks"), "web/a.test.ts:5"),
        ("jest", ("./web/a.test.ts", "other", "works"), "web/a.test.ts:11"),
        ("jest", ("web/a.test.ts", "outer", "adds 1"), "web/a.test.ts"),
        ("jest", ("web/a.test.ts", "twice"), "web/a.test.ts"),
        ("jest", ("web/a.test.ts", "none"), "web/a.test.ts"),
        ("ctest", ("tests/test_it.py",), None),
    ],
)
def test_a_test_is_found_where_it_is_declared(
    project: Path, source: str, path: Names, expected: str | None
) -> None:
    declarations = Declarations(str(project), str(project), lambda _: "")
    found = declarations.of(TestResult(path=path, state=TestState.PASSED, source=source))
    if expected is None:
        assert found is None
        return
    assert found
    where = f"{found.file}:{found.line}" if found.line else found.file
    assert where.endswith(expected.removeprefix("…")), where
    assert where.startswith(f"{project}/")


def test_the_package_in_which_the_command_starts_comes_first(project: Path) -> None:
    declarations = Declarations(str(project), str(project / "two"), lambda _: "digest")
    path = ("any", "src/lib.rs", "missing")
    found = declarations.of(TestResult(path=path, state=TestState.PASSED, source="cargo"))
    assert found
    assert (found.file, found.line) == (str(project / "two/src/lib.rs"), 0)
    assert found.built == "digest"
    assert found.span is None
