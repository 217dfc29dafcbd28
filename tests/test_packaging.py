"""What a user installs: the sdist and the wheel are built, and opened."""

from __future__ import annotations

import doctest
import importlib.util
import json
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from email.parser import BytesParser
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

import ipython_llmnumbers

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent
LIVE = "ipython_llmnumbers/live/"
REPOSITORY = "https://forge.example/somebody/ipython-llmnumbers"
VERSION = ipython_llmnumbers.__version__
LINKS = re.compile(r"""<(?:a|img|source)\b[^>]*?\b(?:href|src|srcset)=["']([^"']*)""", re.IGNORECASE)


def in_git():
    """The files that git does not ignore: those of the last commit, and new ones."""
    if not (ROOT / ".git").exists() or shutil.which("git") is None:
        pytest.skip("needs a git checkout")
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, cwd=ROOT, capture_output=True, check=True).stdout.decode().split("\0")
    return {name for name in names if name and (ROOT / name).is_file()}


def built(source, target, folder):
    """Build an sdist or a wheel with the real build backend; return its file."""
    command = [sys.executable, "-m", "hatchling", "build", "--target", target, "--directory", str(folder)]
    run = subprocess.run(command, cwd=source, capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, run.stdout + run.stderr
    return max(folder.iterdir(), key=lambda path: path.stat().st_mtime_ns)


class Distribution:
    """The sdist of a tree, and the wheel that is built from the sdist, as `python -m build` does."""

    def __init__(self, folder, urls=""):
        tree, dist = folder / "tree", folder / "dist"
        for name in in_git():
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, tree / name)
        project = tree / "pyproject.toml"
        # The repository's address is the owner's: with and without one is tried here.
        text = re.sub(r"^\[project\.urls\]\n(?:[^\[\n].*\n|\n)*", "", project.read_text("utf-8"), flags=re.M)
        project.write_text(f"{text}\n{urls}", encoding="utf-8")
        dist.mkdir()
        with tarfile.open(built(tree, "sdist", dist)) as sdist:
            root = f"ipython_llmnumbers-{VERSION}/"
            self.sdist = {name.removeprefix(root) for name in sdist.getnames()}
            sdist.extractall(folder, filter="data")
        wheel = built(folder / root, "wheel", dist)
        self.wheel_name = wheel.name
        with zipfile.ZipFile(wheel) as file:
            self.wheel = {name: file.read(name) for name in file.namelist()}
        metadata = self.wheel[f"ipython_llmnumbers-{VERSION}.dist-info/METADATA"]
        self.metadata = BytesParser().parsebytes(metadata)
        self.description = self.metadata.get_payload(decode=True).decode()


@pytest.fixture(scope="module")
def distribution(tmp_path_factory):
    return Distribution(tmp_path_factory.mktemp("built"))


@pytest.fixture(scope="module")
def with_address(tmp_path_factory):
    urls = f'[project.urls]\nRepository = "{REPOSITORY}/"\n'
    return Distribution(tmp_path_factory.mktemp("built"), urls)


def targets(markdown):
    """Where the links and pictures of a Markdown text lead, as a renderer sees them."""
    found = []
    for block in MarkdownIt("commonmark").enable("table").parse(markdown):
        for token in [block, *(block.children or ())]:
            if token.type in ("html_block", "html_inline"):
                found += LINKS.findall(token.content)
            found += [token.attrs[name] for name in ("href", "src") if name in token.attrs]
    return found


# -- the files --------------------------------------------------------------------------


def test_the_sdist_has_every_file_of_the_repository(distribution):
    assert {name for name in distribution.sdist if not name.endswith(".mo")} == {
        *(name for name in in_git() if not name.endswith(".mo")),
        "PKG-INFO",
    }
    assert {
        "CONTRIBUTING.md",
        "docs/tokens.md",
        "examples/gpu_fit.ipynb",
        "benchmarks/gpu_peers.py",
        "tests/conftest.py",
        ".ci/run",
    } <= distribution.sdist


def test_the_wheel_has_the_package_and_nothing_else(distribution):
    package, info = f"ipython_llmnumbers-{VERSION}.data/data/", f"ipython_llmnumbers-{VERSION}.dist-info/"
    expected = {info + name for name in ("METADATA", "RECORD", "WHEEL", "licenses/LICENSE")}
    # hatch_build.py makes these.
    expected.add("ipython_llmnumbers/catalog/prices/genai_prices.jsonl")
    expected |= {
        f"{name}.json" for name in in_git() if re.match(r"ipython_llmnumbers/catalog/.*\.toml$", name)
    }
    for name in filter(lambda name: name.startswith("ipython_llmnumbers/"), in_git()):
        if name.startswith(f"{LIVE}labextension/"):
            file = name.removeprefix(f"{LIVE}labextension/")
            expected.add(f"{package}share/jupyter/labextensions/ipython-llmnumbers/{file}")
        elif name == f"{LIVE}server_config.json":
            expected.add(f"{package}etc/jupyter/jupyter_server_config.d/ipython_llmnumbers.json")
        elif name.endswith(".po"):  # compiled: a wheel needs only the result
            expected.add(name.replace(".po", ".mo"))
        else:
            expected.add(name)
    assert set(distribution.wheel) == expected
    assert distribution.wheel_name == f"ipython_llmnumbers-{VERSION}-py3-none-any.whl"


def test_the_wheel_s_front_end_is_whole(distribution):
    root = f"ipython_llmnumbers-{VERSION}.data/data/share/jupyter/labextensions/ipython-llmnumbers/"
    package = json.loads(distribution.wheel[root + "package.json"])
    assert root + package["jupyterlab"]["_build"]["load"] in distribution.wheel
    assert any(name.startswith(root + package["jupyterlab"]["schemaDir"]) for name in distribution.wheel)


# -- the version ------------------------------------------------------------------------


def test_every_place_that_states_the_version_states_the_same(distribution):
    extensions = [ROOT / LIVE / "labextension" / "package.json", *ROOT.glob("vscode/package*.json")]
    packages = [json.loads(each.read_text(encoding="utf-8")) for each in extensions]
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    newest = re.search(r"^## \[?([^\]\s]+)\]?", changelog, re.MULTILINE)[1]
    stated = {package["version"] for package in packages if "version" in package}
    assert {distribution.metadata["Version"], newest, *stated} == {VERSION}


# -- the description that an index shows ------------------------------------------------


def test_without_an_address_the_description_has_no_link_into_the_repository(distribution):
    assert distribution.metadata["Description-Content-Type"] == "text/markdown"
    assert distribution.metadata["Project-URL"] is None
    assert [target for target in targets(distribution.description) if not absolute(target)] == []
    assert "![" not in distribution.description
    # The text of a link remains.
    assert "docs/tokens.md" in distribution.description


def test_with_an_address_each_link_leads_to_the_release_s_file(with_address):
    found = targets(with_address.description)
    assert [target for target in found if not absolute(target)] == []
    written = {
        target.partition("#")[0]
        for target in targets((ROOT / "README.md").read_text("utf-8"))
        if not absolute(target)
    }
    assert len(written) >= 3
    rewritten = {
        target.partition("#")[0].removeprefix(f"{REPOSITORY}/{kind}/v{VERSION}/")
        for target in found
        for kind in ("blob", "raw")
        if target.startswith(f"{REPOSITORY}/{kind}/")
    }
    assert rewritten == written
    assert all(f"/raw/v{VERSION}/" in target for target in found if target.endswith(".png"))


def test_the_description_is_otherwise_the_readme(with_address):
    back = re.sub(rf"{REPOSITORY}/(?:blob|raw)/v{VERSION}/", "", with_address.description)
    assert back.strip() == (ROOT / "README.md").read_text(encoding="utf-8").strip()


def absolute(target):
    return re.match(r"https?://|mailto:|#", target) is not None


def test_links_in_code_stay_and_pictures_in_links_go():
    spec = importlib.util.spec_from_file_location("hatch_metadata", ROOT / "hatch_metadata.py")
    hook = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(hook)
    assert doctest.testmod(hook).failed == 0
    text = (
        "`[a](b)` <!-- [a](b) --> [`c`](d.md) [e](https://e.example) [![f](g.png)](h.md)\n```\n[a](b)\n```\n"
    )
    assert hook.description(text, None, "v1") == (
        "`[a](b)` <!-- [a](b) --> `c` [e](https://e.example) \n```\n[a](b)\n```\n"
    )
    assert hook.description(text, "https://r.example", "v1") == (
        "`[a](b)` <!-- [a](b) --> [`c`](https://r.example/blob/v1/d.md) [e](https://e.example) "
        "[![f](https://r.example/raw/v1/g.png)](https://r.example/blob/v1/h.md)\n```\n[a](b)\n```\n"
    )


# -- links inside the repository --------------------------------------------------------


def headings(markdown):
    """The anchors that a forge gives to the headings of a page."""
    titles = re.findall(r"^#+ (.+)$", re.sub(r"^```.*?^```", "", markdown, flags=re.M | re.S), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize(
    "page",
    sorted(path.relative_to(ROOT).as_posix() for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")]),
)
def test_a_link_to_a_file_or_a_heading_finds_it(page):
    for target in targets((ROOT / page).read_text(encoding="utf-8")):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, heading = target.partition("#")
        file = (ROOT / page).parent / name if name else ROOT / page
        assert file.exists(), target
        if heading:
            assert heading in headings(file.read_text(encoding="utf-8")), target
