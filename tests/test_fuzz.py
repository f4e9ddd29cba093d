"""Random and spoiled input, from bytes to repositories: no crash, and nothing lost on the way."""

from __future__ import annotations

import gc
import tempfile
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jsonschema_tools import serialize
from support import fuzz_targets

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ROOT = Path(__file__).parent.parent
TEXTS = [path.read_bytes() for path in sorted(ROOT.glob("*/**/current.yaml"))]
KEYWORDS = """
    $id $ref $schema $comment title description type enum const default examples format pattern
    minimum maximum exclusiveMinimum exclusiveMaximum multipleOf minLength maxLength minItems
    maxItems uniqueItems minProperties maxProperties required properties patternProperties
    additionalProperties propertyNames dependencies items additionalItems contains definitions
    allOf anyOf oneOf not if then else readOnly __proto__ constructor
""".split()  # noqa: SIM905 - a list of words is a text
FRAGMENTS = [
    *(b"\n", b"  ", b"- ", b": ", b"&a ", b"*a", b"!!binary ", b"<<: ", b"|\n", b"\t", b"'", b"{"),
    *(
        b"\xff",
        b"\0",
        b"\xef\xbb\xbf",
        b"\x1b[31m",
        b"\xe2\x80\xa8",
        b"1e999",
        b"-0",
        b"~",
        b".nan",
    ),
    *(b"allOf: [{$ref: '#'}]\n", b"$ref: '#/properties'\n", b"$ref: ../../..\n", b"type: []\n"),
    *(b"$id: /a/9.9.9\n", b"title: [1]\n", b"pattern: '(a+)+$'\n", b"multipleOf: 0\n"),
]

WORDS = st.sampled_from([*KEYWORDS, "", "a", "b", "~", "a/b", "%41", "\x1b[0m", "\U0001f600", "1"])
SCALARS = (
    st.none()
    | st.booleans()
    | st.sampled_from([0, -1, 1, 2, 3, 0.5, -0.0, 1e300, float("inf"), float("nan"), 2**53])
    | WORDS
    | st.sampled_from(["object", "array", "string", "integer", "date-time", "#", "#/properties/a"])
    | st.sampled_from(["^a+$", "(", "[z-a]", "(?=a)", r"\p{L}", "/fragment/common/1.0.0#", "//"])
)
ANYTHING = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=4)
)
fuzzed = settings(derandomize=True, deadline=None)


def mapping(values: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.dictionaries(st.sampled_from("abc"), values, max_size=3)


def schemas() -> st.SearchStrategy[Any]:
    """Return schemas whose keywords mostly hold what they should."""
    count = st.integers(0, 4)
    number = st.sampled_from([-1, 0, 1, 2.5, 10])
    kinds = st.sampled_from(["null", "boolean", "object", "array", "number", "string", "integer"])
    return st.recursive(
        st.fixed_dictionaries({}, optional={"type": kinds}) | st.booleans(),
        lambda inner: st.fixed_dictionaries(
            {},
            optional={
                "type": kinds | st.lists(kinds, max_size=2),
                **dict.fromkeys(("properties", "patternProperties", "definitions"), mapping(inner)),
                **dict.fromkeys(("allOf", "anyOf", "oneOf"), st.lists(inner, max_size=3)),
                **dict.fromkeys(("not", "if", "then", "items", "additionalProperties"), inner),
                **dict.fromkeys(("minLength", "maxLength", "minItems", "minProperties"), count),
                **dict.fromkeys(("minimum", "maximum", "multipleOf", "exclusiveMinimum"), number),
                "required": st.lists(st.sampled_from("abc"), max_size=3),
                "dependencies": mapping(inner | st.lists(st.sampled_from("abc"), max_size=2)),
                "enum": st.lists(SCALARS, max_size=3),
                "default": ANYTHING,
                "examples": st.lists(ANYTHING, max_size=2),
                "pattern": st.sampled_from(["^a+$", "b|c", "[0-9]{2,}"]),
                "format": st.sampled_from(["date-time", "uri", "email", "odd"]),
                "$ref": st.sampled_from(["#", "#/properties/a", "#/definitions/b", "/a/1.0.0"]),
            },
        ),
        max_leaves=12,
    )


@st.composite
def spoiled(draw: st.DrawFn, texts: st.SearchStrategy[bytes]) -> bytes:
    """Return a text in which a few pieces were dropped, doubled, or put in."""
    text = draw(texts)
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 30)))
        put = draw(st.sampled_from([b"", text[start:end] * 2, *FRAGMENTS]))
        text = text[:start] + put + text[end:]
    return text


@fuzzed
@given(spoiled(st.sampled_from(TEXTS)))
def test_a_spoiled_text_is_read_or_refused(text: bytes) -> None:
    fuzz_targets.read(text)


@fuzzed
@given(spoiled(st.sampled_from(TEXTS)))
def test_a_spoiled_schema_is_built_or_refused(text: bytes) -> None:
    fuzz_targets.build(text)


@fuzzed
@given(schemas() | ANYTHING)
def test_any_schema_is_built_or_refused(schema: Any) -> None:
    fuzz_targets.build(serialize(schema))


@fuzzed
@given(ANYTHING)
def test_any_value_reads_back_the_same(value: Any) -> None:
    fuzz_targets.return_same(value)


CONFIG = b"schemaBasePath: ./schemas/\ncontentTypes: [yaml, json]\nrequiredFields: []\n"
NAMES = st.sampled_from(
    ["current.yaml", "current.json", "1.0.0.yaml", "1.0.0.json", "1.0.0", "1.1.0.yaml", "latest"]
)
FOLDERS = st.sampled_from(["a", "a/b", "fragment/c", "", "../outside"])


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, bytes | str]:
    """A repository of two titles with two versions each, as files and links."""
    root = tmp_path_factory.mktemp("sound")
    (root / ".jsonschema-tools.yaml").write_bytes(CONFIG)
    common: dict[str, Any] = {
        "title": "fragment/c",
        "type": "object",
        "properties": {"x": {"type": "string"}},
    }
    event: dict[str, Any] = {
        "title": "a",
        "type": "object",
        "allOf": [{"$ref": "/fragment/c/1.0.0"}],
    }
    for schema, version in product((common, event), ("1.0.0", "1.1.0")):
        current = root / f"schemas/{schema['title']}/current.yaml"
        current.parent.mkdir(parents=True, exist_ok=True)
        current.write_text(serialize({**schema, "$id": f"/{schema['title']}/{version}"}))
        assert fuzz_targets.run(root, ["materialize-all"]) == 0
    assert fuzz_targets.run(root, fuzz_targets.READ_ONLY[0]) == 0
    return {
        str(path.relative_to(root)): str(path.readlink())
        if path.is_symlink()
        else path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_symlink() or path.is_file()
    }


@st.composite
def spoiled_repositories(
    draw: st.DrawFn, sound: Mapping[str, bytes | str]
) -> dict[str, bytes | str | None]:
    """Return a repository in which some files are gone, spoiled, swapped or of another kind."""
    files: dict[str, bytes | str | None] = dict(sound)
    for _ in range(draw(st.integers(1, 3))):
        name = draw(
            st.sampled_from(sorted(files)) | st.builds("schemas/{}/{}".format, FOLDERS, NAMES)
        )
        kind = draw(st.sampled_from(["gone", "spoiled", "schema", "other", "link", "folder"]))
        held = files.pop(name, None)
        if kind == "spoiled":
            files[name] = draw(spoiled(st.just(held if isinstance(held, bytes) else b"type: [\n")))
        elif kind == "schema":
            files[name] = serialize(draw(schemas() | ANYTHING)).encode()
        elif kind == "other":
            files[name] = draw(st.sampled_from([c for c in sound.values() if isinstance(c, bytes)]))
        elif kind == "link":
            files[name] = draw(NAMES | st.sampled_from([".", "..", "/dev/null", "/nowhere"]))
        elif kind == "folder":
            files[name] = None
    return files


@pytest.fixture
def _collected() -> Iterator[None]:
    """`check` turns the garbage collector off, as its process ends soon."""
    yield
    gc.enable()


@pytest.mark.usefixtures("_collected")
@settings(fuzzed, max_examples=40)
@given(data=st.data())
def test_a_spoiled_repository_is_checked(
    data: st.DataObject, sound: Mapping[str, bytes | str]
) -> None:
    files = data.draw(spoiled_repositories(sound))
    with tempfile.TemporaryDirectory() as name:
        root = Path(name) / "repository"
        fuzz_targets.lay(root, files)
        for command in fuzz_targets.READ_ONLY:
            fuzz_targets.run(root, command)
