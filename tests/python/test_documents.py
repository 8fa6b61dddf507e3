"""The documents: their links lead somewhere, their commands exist, and what they say of the code is in the code."""

from __future__ import annotations

import json
import re
import subprocess
import tomllib
from fnmatch import fnmatchcase
from pathlib import Path

import botocore.session
import pytest
import yaml
from botocore import xform_name
from moto.iam.aws_managed_policies import aws_managed_policies_data

from conftest import REPOSITORY, built

DOCUMENTS = sorted(
    path
    for path in [
        *REPOSITORY.glob("*.md"),
        *REPOSITORY.glob("docs/*.md"),
        *REPOSITORY.glob("deploy/**/*.md"),
        *REPOSITORY.glob("examples/**/*.md"),
    ]
    if path.is_file()
)
LINK = re.compile(r"(?<!\!)\[[^\]]*\]\(([^)\s]+)\)|!\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#{1,6} +(.*)$", re.MULTILINE)
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def prose_of(path: Path) -> str:
    return BLOCK.sub("", text_of(path))


def anchors(path: Path) -> set[str]:
    """The anchors of a document's headings, as GitHub makes them."""
    return {
        re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-") for heading in HEADING.findall(text_of(path))
    }


def links() -> list[tuple[Path, str]]:
    return [(path, target or picture) for path in DOCUMENTS for target, picture in LINK.findall(prose_of(path))]


@pytest.mark.parametrize(
    ("document", "target"),
    [pytest.param(*link, id=f"{link[0].name}: {link[1]}") for link in links() if "://" not in link[1]],
)
def test_a_link_within_the_repository_leads_somewhere(document: Path, target: str) -> None:
    file, _, anchor = target.partition("#")
    linked = (document.parent / file).resolve() if file else document
    assert linked.exists(), f"{document.name} links to {target}"
    assert REPOSITORY in [linked, *linked.parents], f"{document.name} links out of the repository"
    if anchor and linked.suffix == ".md":
        assert anchor in anchors(linked), f"{linked.name} has no heading for #{anchor}"


def test_links_to_the_world_are_encrypted() -> None:
    assert [target for _, target in links() if target.startswith("http://")] == []


def test_the_readme_is_short_and_leads_to_every_document() -> None:
    readme = REPOSITORY / "README.md"
    assert len(readme.read_bytes()) < 12_000, "what is long has a document below docs/"
    linked = {target.partition("#")[0] for path, target in links() if path == readme}
    documents = {str(path.relative_to(REPOSITORY)) for path in REPOSITORY.glob("docs/*.md")}
    assert documents - linked == set()


def shell_lines() -> list[tuple[str, str]]:
    """Every line of every shell block, with its document's name."""
    blocks = [
        (path.name, body) for path in DOCUMENTS for language, body in BLOCK.findall(text_of(path)) if language == "sh"
    ]
    return [(name, line) for name, body in blocks for line in body.splitlines()]


def commands() -> list[tuple[str, str]]:
    """Every command of every shell block on one line, with its document's name."""
    joined = [
        (path.name, re.sub(r"\\\n *", "", body))
        for path in DOCUMENTS
        for language, body in BLOCK.findall(text_of(path))
        if language == "sh"
    ]
    return [(name, line) for name, body in joined for line in body.splitlines()]


def test_every_command_about_a_stackset_says_its_region_and_has_options_of_that_operation() -> None:
    model = botocore.session.get_session().get_service_model("cloudformation")
    operations = {xform_name(name, "-"): model.operation_model(name) for name in model.operation_names}
    of_stacksets = [line for _, line in commands() if "--stack-set-name" in line]
    assert len(of_stacksets) >= 8
    for line in of_stacksets:
        name = re.match(r"aws cloudformation ([a-z-]+) ", line)[1]
        accepted = {xform_name(member, "-") for member in operations[name].input_shape.members}
        assert "call-as" in accepted, "docs/DEPLOY.md has a delegated administrator add it to every one"
        given = {option.removeprefix("no-") for option in re.findall(r" --([a-z-]+)", line)}
        assert given - accepted - {"output", "query"} == {"region"}, line


def test_what_is_deployed_was_built_from_the_same_parameters() -> None:
    """By one line that stops where building fails. A release, of which nothing is built, is deployed alone."""
    before, marker, after = text_of(REPOSITORY / "docs/DEPLOY.md").partition("### Without building\n")
    released, _, rest = after.partition("\n### ")
    assert marker and "\nsam deploy\n" in released
    told = [line for _, line in commands() if re.search(r"\bsam (build|deploy)", line)]
    assert told.count("sam deploy") == 1
    together = [line for line in told if line != "sam deploy"]
    assert len(together) >= 4
    assert [line for line in together if not re.search("(^|&& )sam build && sam deploy($|  +#)", line)] == []


def test_the_configuration_of_a_person_s_own_deployment_is_not_a_change_of_the_repository() -> None:
    assert "/samconfig.toml" in text_of(REPOSITORY / ".gitignore").splitlines()
    copied = [
        line.partition("  #")[0].strip() for name, line in commands() if name == "DEPLOY.md" and line.startswith("cp ")
    ]
    assert copied == ["cp samconfig.example.toml samconfig.toml"] * 2


def test_parameters_are_written_as_the_configuration_that_sam_reads() -> None:
    """A table of ``samconfig.toml``, with strings as its values."""
    example = tomllib.loads(text_of(REPOSITORY / "samconfig.example.toml"))
    shown = [
        tomllib.loads(body)["default"]
        for path in DOCUMENTS
        for language, body in BLOCK.findall(text_of(path))
        if language == "toml" and "parameter_overrides" in body
    ]
    assert shown
    described = yaml.load(text_of(REPOSITORY / "template.yaml"), Template)["Parameters"]
    for written in [example["default"], *shown]:
        values = written["global"]["parameters"]["parameter_overrides"]
        assert "Architecture" in values
        assert {name for name, value in values.items() if name not in described or not isinstance(value, str)} == set()
    in_prose = {name for path in DOCUMENTS for name in re.findall(r'`([A-Z]\w+) = "', prose_of(path))}
    assert len(in_prose) >= 3 and in_prose - described.keys() == set()


def test_the_deployment_says_what_the_managed_policy_lacks() -> None:
    policy = json.loads(aws_managed_policies_data)["SecurityAudit"]
    version = policy["DefaultVersionId"].removeprefix("v")
    granted = [
        action
        for statement in policy["Document"]["Statement"]
        if statement["Resource"] == "*"
        for action in statement["Action"]
    ]
    needed = set(
        re.findall(r"^ +(?:- |Action: )([a-z0-9]+:[A-Za-z]+)$", text_of(REPOSITORY / "member-role.yaml"), re.M)
    )
    needed -= {"sts:AssumeRole"}
    assert len(needed) > 15
    lacking = {action for action in needed if not any(fnmatchcase(action, pattern) for pattern in granted)}
    named = re.search(
        r"SecurityAudit\S* \(version (\d+)\) has all of them but\s`([^`]+)`", text_of(REPOSITORY / "docs/DEPLOY.md")
    )
    assert (named[1], {named[2]}) == (version, lacking)


def test_every_make_target_that_is_named_exists() -> None:
    targets = set(re.findall(r"^([a-z][a-z-]*):", text_of(REPOSITORY / "Makefile"), re.MULTILINE))
    in_blocks = [(name, target) for name, line in shell_lines() for target in re.findall(r"^make ([a-z-]+)", line)]
    in_prose = [(path.name, target) for path in DOCUMENTS for target in re.findall(r"`make ([a-z-]+)", prose_of(path))]
    assert len(in_blocks) + len(in_prose) > 5
    assert [named for named in in_blocks + in_prose if named[1] not in targets] == []


def help_of(*command: str) -> str:
    keycensus = str(built("KEYCENSUS", "keycensus"))
    return subprocess.run([keycensus, *command, "--help"], capture_output=True, text=True, check=True).stdout


def test_every_command_and_option_of_keycensus_that_is_named_exists() -> None:
    commands = set(re.findall(r"^  ([a-z]+)  ", help_of(), re.MULTILINE))
    options = {command: set(re.findall(r"--[a-z][a-z-]*", help_of(command))) for command in commands - {"help"}}
    named = [(name, line) for name, line in shell_lines() if re.search(r"(^|[ ;|])keycensus [a-z]", line)]
    assert named, "no document shows a command"
    for name, line in named:
        command, arguments = re.search(r"(?:^|[ ;|])keycensus ([a-z]+)([^|;#]*)", line).groups()
        assert command in commands, f"{name}: {line}"
        unknown = set(re.findall(r"--[a-z][a-z-]*", arguments)) - options.get(command, set())
        assert unknown == set(), f"{name}: {line}"
    in_prose = {word for path in DOCUMENTS for word in re.findall(r"`keycensus ([a-z]+)", prose_of(path))}
    assert in_prose - commands == set()


def test_the_table_of_settings_has_every_setting_and_no_other() -> None:
    told = re.findall(r"^\| `KEYCENSUS_(\w+)` \|", text_of(REPOSITORY / "docs/SETTINGS.md"), re.MULTILINE)
    of_the_command = {"help", "out", "profile", "region", "resume", "time-limit", "verbose", "version"}
    options = {option.removeprefix("--") for option in re.findall(r"--[a-z][a-z-]*", help_of("scan"))}
    assert sorted(name.lower().replace("_", "-") for name in told) == sorted(options - of_the_command)


def verdict_sentences() -> dict[str, str]:
    """The doc comment of each variant of Verdict, by the verdict's word in the files."""
    source = text_of(REPOSITORY / "crates/core/src/judge/verdict.rs")
    body = re.search(r"pub enum Verdict \{\n(.*?)^\}", source, re.MULTILINE | re.DOTALL).group(1)
    variants = re.findall(r"((?:    /// .*\n)+)    (\w+),", body)
    return {
        re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower(): " ".join(re.findall(r"/// (.*)", comment))
        for comment, name in variants
    }


def test_each_verdicts_sentence_is_the_same_in_the_code_the_tests_and_the_semantics() -> None:
    sentences = verdict_sentences()
    assert len(sentences) == 9
    told = dict(
        re.findall(r"^\| `(\w+)` \| (.*?) \| (?:yes|no) \|$", text_of(REPOSITORY / "docs/SEMANTICS.md"), re.MULTILINE)
    )
    assert told == sentences
    tests = set(re.findall(r"fn (\w+)\(\)", text_of(REPOSITORY / "crates/core/src/judge/verdict/tests/sentences.rs")))
    names = {re.sub(r"\W+", "_", sentence.lower()).strip("_") for sentence in sentences.values()}
    assert names <= tests, names - tests


def runbook_headings() -> set[str]:
    return set(HEADING.findall(text_of(REPOSITORY / "docs/RUNBOOK.md")))


def test_the_runbook_has_every_error_type_and_every_status_of_coverage() -> None:
    errors = re.findall(r'=> "(\w+)",', text_of(REPOSITORY / "crates/aws/src/error.rs"))
    coverage = text_of(REPOSITORY / "crates/core/src/model/coverage.rs")
    statuses = re.findall(r'^    \w+ = "(\w+)",', coverage, re.MULTILINE)
    assert len(errors) >= 5 and len(statuses) >= 7
    needs_help = set(errors) | set(statuses) - {"scanned"}
    assert needs_help - runbook_headings() == set()


def test_a_document_that_asks_the_stack_for_outputs_says_how() -> None:
    """``output NAME`` is a function of the shell, which each document defines that uses it."""
    blocks = {
        path: "".join(body for language, body in BLOCK.findall(text_of(path)) if language == "sh") for path in DOCUMENTS
    }
    used = [path.name for path, body in blocks.items() if re.search(r"\$\(output \w+\)", body)]
    defined = [path.name for path, body in blocks.items() if "output() {" in body]
    assert used and set(used) <= set(defined)


class Template(yaml.SafeLoader):
    """CloudFormation's YAML, functions read as what they are given."""


Template.add_multi_constructor("!", lambda loader, _, node: getattr(node, "value", None))


def test_the_runbook_has_every_alarm() -> None:
    resources = yaml.load(text_of(REPOSITORY / "template.yaml"), Template)["Resources"]
    alarms = [
        each["Properties"]["AlarmName"] for each in resources.values() if each["Type"] == "AWS::CloudWatch::Alarm"
    ]
    assert len(alarms) >= 4
    assert {name.removeprefix("${AWS::StackName}-") for name in alarms} - runbook_headings() == set()


def test_every_parameter_that_is_given_in_a_command_is_one_of_a_template() -> None:
    parameters: set[str] = set()
    for template in [REPOSITORY / "template.yaml", *REPOSITORY.glob("*-*.yaml")]:
        parameters |= set(yaml.load(text_of(template), Template).get("Parameters", {}))
    given = [
        (name, parameter)
        for name, line in shell_lines()
        for parameter in re.findall(r"(?:--parameter-overrides|^ +)[ ]?(?:\w+=\S+ )*?([A-Z]\w+)=", line)
        if "OrganizationalUnitIds" not in line and "Percentage" not in line
    ]
    assert [one for one in given if one[1] not in parameters and one[1] not in {"OutputLocation", "Database"}] == []


ARCHITECTURE = REPOSITORY / "docs/ARCHITECTURE.md"


@pytest.mark.parametrize(
    "document", ["docs/ARCHITECTURE.md", "docs/LOGGING.md", "docs/SEMANTICS.md", "CONTRIBUTING.md"]
)
def test_every_source_file_that_a_document_names_exists(document: str) -> None:
    tracked = subprocess.run(["git", "ls-files"], cwd=REPOSITORY, check=True, capture_output=True, text=True)
    files = tracked.stdout.splitlines()
    named = set(re.findall(r"`([\w/.-]+\.(?:rs|py|toml|yaml))`", text_of(REPOSITORY / document)))
    is_there = {name: any(f"/{file}".endswith((f"/{name}", name)) for file in files) for name in named}
    assert named
    assert [name for name in sorted(named) if not is_there[name]] == []


@pytest.mark.parametrize("crate", ["aws", "core", "sim"])
def test_the_tree_of_the_architecture_is_the_tree_of_folders(crate: str) -> None:
    source = REPOSITORY / "crates" / crate / "src"
    [tree] = re.findall(rf"^crates/{crate}/src\n(.*?)(?:\n\n|\n```)", text_of(ARCHITECTURE), re.DOTALL | re.MULTILINE)
    named = {line.split()[0].removesuffix("/") for line in tree.splitlines() if line.split()[0].endswith("/")}
    assert named == {folder.name for folder in source.iterdir() if folder.is_dir()}
