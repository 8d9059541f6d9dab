"""Tests that a change takes away or turns off are told, and nothing else is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activities.workspaces.weakening import MAX_TOLD, THE_FILE, Edit, weakened

BEFORE = {
    "tests/test_a.py": b"class A:\n    def test_one(self):\n        pass\n\n    async def test_two(self): pass\n",
    "src/a.test.ts": b"describe('a', () => {\n  it('adds', () => {})\n  test(`adds ${x}`, async () => {})\n})\n",
    "pkg/a_test.go": b"func TestOne(t *testing.T) {\n}\n\nfunc TestTwo(t *testing.T) {\n}\n",
    "src/lib.rs": b'#[test]\nfn one() {}\n\n#[tokio::test(flavor = "x")]\n#[should_panic]\nasync fn two() {}\n',
    "spec/a_spec.rb": b"describe A do\n  it 'adds' do\n  end\n  it(\"subtracts\") { }\nend\n",
    "src/test/java/ATest.java": b"@Test\nvoid one() {}\n@ParameterizedTest\n@ValueSource(ints = 1)\nvoid two() {}\n",
    "src/test/kotlin/BTest.kt": b"@Test fun `adds up`() {}\n",
}
NAMES = {
    "tests/test_a.py": ("test_one", "test_two"),
    "src/a.test.ts": ("adds", "adds ${x}"),
    "pkg/a_test.go": ("TestOne", "TestTwo"),
    "src/lib.rs": ("one", "two"),
    "spec/a_spec.rb": ("adds", "subtracts"),
    "src/test/java/ATest.java": ("one", "two"),
    "src/test/kotlin/BTest.kt": ("`adds up`",),
}


@pytest.mark.parametrize("path", BEFORE)
def test_deleted_tests_are_named(path: str) -> None:
    """Whether the file goes or only what is in it, each test is told by its name; an untouched one is not."""
    assert weakened([Edit(path, BEFORE[path], None)]) == {path: NAMES[path]}
    assert weakened([Edit(path, BEFORE[path], b"// nothing\n")]) == {path: NAMES[path]}
    assert weakened([Edit(path, BEFORE[path], BEFORE[path] + b"\n")]) == {}
    assert weakened([Edit(path, None, BEFORE[path])]) == {}


@pytest.mark.parametrize("path", BEFORE)
def test_moved_tests_are_not_lost(path: str) -> None:
    """A test that went to another test file under its name is still there; one that is in no test file is not."""
    folder, _, name = path.rpartition("/")
    moved = Edit(f"{folder}/deeper/{name}", None, BEFORE[path])
    assert weakened([Edit(path, BEFORE[path], None), moved]) == {}
    hidden = Edit("notes.txt", None, BEFORE[path])
    assert weakened([Edit(path, BEFORE[path], None), hidden]) == {path: NAMES[path]}


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("tests/test_a.py", "@pytest.mark.skip"),
        ("tests/test_a.py", "@pytest.mark.skipif(sys.platform == 'linux', reason='flaky')"),
        ("tests/test_a.py", "pytestmark = pytest.mark.xfail"),
        ("tests/test_a.py", "pytest.skip('later')"),
        ("tests/test_a.py", '@unittest.skip("later")'),
        ("tests/test_a.py", "self.skipTest('later')"),
        ("tests/conftest.py", "collect_ignore = ['test_a.py']"),
        ("src/a.test.ts", "it.skip('adds', () => {})"),
        ("src/a.spec.jsx", "describe.only('adds', () => {})"),
        ("test/a.mjs", "xit('adds', () => {})"),
        ("src/__tests__/a.js", "test.todo('adds')"),
        ("pkg/a_test.go", "t.Skip()"),
        ("pkg/a_test.go", 't.Skipf("later %d", 1)'),
        ("src/lib.rs", "#[ignore]"),
        ("src/lib.rs", '#[ignore = "later"]'),
        ("spec/a_spec.rb", "xit 'adds' do"),
        ("spec/a_spec.rb", "pending 'later'"),
        ("spec/a_spec.rb", "it 'adds', :skip do"),
        ("src/test/java/ATest.java", '@Disabled("later")'),
        ("src/test/java/ATest.java", "@Ignore"),
        ("Makefile", "pytest || true"),
        (".github/workflows/ci.yml", "- run: npm test || exit 0"),
        (".github/workflows/ci.yml", "continue-on-error: true"),
        ("tox.ini", "commands = ruff check --exit-zero"),
        ("package.json", '"test": "jest --passWithNoTests",'),
        ("pyproject.toml", 'addopts = "--deselect tests/test_a.py::test_one"'),
    ],
)
def test_what_is_newly_turned_off_is_quoted(path: str, line: str) -> None:
    """The telling line is told, once it is there that was not there before, wherever it moves."""
    some, more = b"first\n", f"first\n{line}\n".encode()
    assert weakened([Edit(path, some, more)]) == {path: (line,)}
    assert weakened([Edit(path, None, more)]) == {path: (line,)}
    assert line not in weakened([Edit(path, more, some)]).get(path, ())
    assert weakened([Edit(path, more, b"second\n" + more)]) == {}


def test_what_was_turned_off_before_may_move() -> None:
    """A skipped test that goes to another file, skip and all, is no news."""
    skipped = b"@pytest.mark.skip\ndef test_one(): pass\n"
    assert weakened([Edit("test_a.py", skipped, None), Edit("test_b.py", None, skipped)]) == {}


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        ("src/app.py", "def test_connection(): pass", ""),
        ("README.md", "", "pytest.skip( || true"),
        ("Makefile", "", "rm -rf build || true"),
        ("src/app.ts", "it('is no test')", ""),
        ("src/app.go", "func TestLike() {}", "t.Skip()"),
        ("tests/test_a.py", "def test_a(): assert 1", "def test_a(tmp_path): assert 2"),
        ("tests/test_a.py", "", "def helper(): return skip_nothing"),
        ("tests/data.json", "{}", ""),
        ("src/lib.rs", "fn main() {}", ""),
    ],
)
def test_ordinary_changes_weaken_nothing(path: str, before: str, after: str) -> None:
    """What only looks like it, or is in no test, is nobody's loss."""
    assert weakened([Edit(path, before.encode(), after.encode() or None)]) == {}


def test_a_test_file_without_a_test_we_know_is_lost_as_a_whole() -> None:
    """Its name says what it was for; renamed as it is, it is not lost."""
    gone = Edit("tests/test_a.py", b"check(lambda: 1)\n", None)
    assert weakened([gone]) == {"tests/test_a.py": (THE_FILE,)}
    assert weakened([gone, Edit("tests/test_b.py", None, gone.before)]) == {}


def test_two_of_one_name_are_two() -> None:
    """Of two tests with the same name in two classes, the loss of one is a loss, and moving one does not hide it."""
    two = b"class A:\n    def test_it(self): pass\nclass B:\n    def test_it(self): pass\n"
    one = b"class A:\n    def test_it(self): pass\n"
    assert weakened([Edit("test_a.py", two, one)]) == {"test_a.py": ("test_it",)}
    assert weakened([Edit("test_a.py", two, None), Edit("test_b.py", None, one)]) == {"test_a.py": ("test_it",)}


def test_the_list_is_bounded() -> None:
    """A thousand lost tests are told as twenty."""
    many = b"".join(b"def test_%d(): pass\n" % number for number in range(1000))
    assert len(weakened([Edit("test_a.py", many, None)])["test_a.py"]) == MAX_TOLD


PATHS = st.sampled_from([*BEFORE, "Makefile"])
PIECES = st.sampled_from(
    [*BEFORE.values(), b"@Test ", b"#[test]\n", b"it(", b"'", b"\n", b" ", b"\xff", b"pytest || true\n"]
)
CONTENTS = st.none() | st.lists(PIECES, max_size=8).map(b"".join)


@given(st.lists(st.builds(Edit, PATHS, CONTENTS, CONTENTS), max_size=4, unique_by=lambda edit: edit.path))
def test_whatever_changes_something_is_told_or_nothing(edits: list[Edit]) -> None:
    """Any content is taken; nothing but changed files is blamed, and taking a change back loses what it brought."""
    told = weakened(edits)
    assert set(told) <= {edit.path for edit in edits if edit.before != edit.after}
    assert all(0 < len(names) <= MAX_TOLD for names in told.values())
    assert weakened([Edit(edit.path, edit.after, edit.after) for edit in edits]) == {}
