"""The Terraform modules deploy the templates as they are, and agree with them and with each other."""

from __future__ import annotations

import json
import re
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml

from cloudformation import Stack, Template, template
from conftest import REPOSITORY
from terraform import MODULES, configuration, evaluated, terraform, text_of

FOLDERS = sorted(folder.name for folder in MODULES.iterdir() if folder.is_dir())
SCANNER, MEMBER_ROLE = template("template.yaml"), template("member-role.yaml")
MOST_OF_A_BODY = 51_200
"""Bytes of a template that CloudFormation takes in a request.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html"""


@pytest.fixture
def release(tmp_path: Path) -> Path:
    """What `make dist` packs, with a zip that has nothing in it."""
    function = "keycensus-lambda-1.0.0-x86_64.zip"
    with zipfile.ZipFile(tmp_path / function, "w") as archive:
        archive.writestr("bootstrap", "")
    subprocess.run([REPOSITORY / "packaging/deployment.sh", tmp_path, function, "x86_64"], check=True)
    return tmp_path


@pytest.fixture(params=["release", "repository"])
def source(request: pytest.FixtureRequest, release: Path) -> Path:
    """Where the modules are used from."""
    if request.param == "repository":
        (release / "template.yaml").write_bytes((REPOSITORY / "template.yaml").read_bytes())
    return release


def variables(release: Path, **different: Any) -> dict[str, Any]:
    [function] = release.glob("*.zip")
    given = {"function_zip": str(function), "artifact_bucket": "artifacts", "parameters": {"Architecture": "x86_64"}}
    return given | different


def test_there_are_the_two_modules_and_an_example() -> None:
    assert FOLDERS == ["example", "member-role", "scanner"]


def test_terraform_fmt_would_change_nothing() -> None:
    checked = terraform(MODULES, "fmt", "-check", "-diff", "-recursive", "-no-color")
    assert (checked.returncode, checked.stdout) == (0, ""), checked.stdout + checked.stderr


def test_terraform_loads_the_example_with_its_modules(release: Path) -> None:
    loaded = terraform(release / "deploy/terraform/example", "get", "-no-color")
    assert loaded.returncode == 0, loaded.stderr
    assert {"- scanner in ../scanner", "- member_role in ../member-role"} <= set(loaded.stdout.splitlines())


@pytest.mark.parametrize("folder", FOLDERS)
def test_what_a_module_refers_to_is_declared(folder: str) -> None:
    """As `terraform validate` checks, which needs the provider."""
    blocks, text = configuration(folder), re.sub(r"^ *#.*$", "", text_of(folder), flags=re.MULTILINE)
    declared = {f"var.{name}" for name in blocks.get("variable", {})}
    declared |= {f"local.{name}" for name in blocks.get("locals", {})}
    declared |= {f"{kind}.{name}" for kind, named in blocks.get("resource", {}).items() for name in named}
    declared |= {f"data.{kind}.{name}" for kind, named in blocks.get("data", {}).items() for name in named}
    declared |= {f"module.{name}" for name in blocks.get("module", {})}
    referred = set(re.findall(r"(?<![\w.\"/])((?:var|local|module|aws_\w+|terraform_data|data\.\w+)\.[a-z_]+)\b", text))
    assert referred
    assert referred - declared == set()
    assert {one for one in declared if one.startswith(("var.", "local."))} - referred == set(), "nothing uses it"


@pytest.mark.parametrize("module", ["scanner", "member_role"])
def test_the_example_gives_a_module_what_it_takes(module: str) -> None:
    call = configuration("example")["module"][module]
    taken = configuration(call["source"].removeprefix("../"))["variable"]
    given = call.keys() - {"source", "providers"}
    assert given - taken.keys() == set()
    assert {name for name, one in taken.items() if "default" not in one} - given == set()


@pytest.mark.parametrize(("name", "module"), [("scanner", "scanner"), ("member_role", "member-role")])
def test_what_the_example_asks_a_module_for_is_an_output(name: str, module: str) -> None:
    asked = set(re.findall(rf"module\.{name}\.(\w+)", text_of("example")))
    assert asked
    assert asked - configuration(module)["output"].keys() == set()


def test_every_output_that_is_named_is_one_of_the_template() -> None:
    named = {name for folder in FOLDERS for name in re.findall(r'\boutputs\["(\w+)"\]', text_of(folder))}
    assert {"MemberRole", "MemberRoleParameters", "ReportBucketName"} <= named
    assert named - SCANNER["Outputs"].keys() == set()


def test_the_parameters_of_the_example_are_those_of_the_template() -> None:
    given = configuration("example")["module"]["scanner"]["parameters"]
    assert given.keys() - SCANNER["Parameters"].keys() == set()


@pytest.mark.parametrize(("module", "stack"), [("scanner", "scanner"), ("member-role", "this_account")])
def test_whatever_the_template_takes_can_be_given(module: str, stack: str) -> None:
    given = configuration(module)["resource"]["aws_cloudformation_stack"][stack]["parameters"]
    assert given in ("${var.parameters}", "${local.parameters}")
    assert configuration(module)["variable"]["parameters"]["type"] == "${map(string)}"


def test_the_template_that_is_uploaded_is_the_one_that_there_is_but_for_its_local_paths(source: Path) -> None:
    """As ``sam package`` leaves it, which tests/python/deployment.py deploys."""
    asked = {"template": "local.template", "code": "local.function_key", "machine": "local.state_machine_key"}
    answer = evaluated(source, "scanner", variables(source), asked)
    assert isinstance(answer, dict), answer
    expected = yaml.load((source / "template.yaml").read_text(encoding="utf-8"), Template)
    resources = expected["Resources"]
    resources["ScannerFunction"]["Properties"]["CodeUri"] = f"s3://artifacts/{answer['code']}"
    resources["LongCensusMachine"]["Properties"]["DefinitionUri"] = f"s3://artifacts/{answer['machine']}"
    assert yaml.load(answer["template"], Template) == expected


@pytest.mark.parametrize(
    ("changed", "keys"),
    [
        ("keycensus-lambda-1.0.0-x86_64.zip", {"function_key", "template_key"}),
        ("statemachine/long_census.asl.json", {"state_machine_key", "template_key"}),
        ("template.yaml", {"template_key"}),
    ],
)
def test_what_has_changed_has_another_place_in_the_bucket(release: Path, changed: str, keys: set[str]) -> None:
    asked = {name: f"local.{name}" for name in ("function_key", "state_machine_key", "template_key")}
    before = evaluated(release, "scanner", variables(release), asked)
    with (release / changed).open("ab") as file:
        file.write(b"\n")
    after = evaluated(release, "scanner", variables(release), asked)
    assert {name for name in asked if before[name] != after[name]} == keys


def test_the_scanner_is_not_deployed_without_its_architecture(release: Path) -> None:
    refusal = evaluated(release, "scanner", variables(release, parameters={"LogLevel": "DEBUG"}), {})
    assert isinstance(refusal, str) and "Architecture is missing in parameters" in refusal


@pytest.mark.parametrize(
    ("name", "architecture", "deployed"),
    [
        ("keycensus-lambda-1.0.0-x86_64.zip", "x86_64", True),
        ("keycensus-lambda-1.0.0-x86_64.zip", "arm64", False),
        ("keycensus-lambda-1.0.0-arm64.zip", "arm64", True),
        ("keycensus-lambda-1.0.0-arm64.zip", "x86_64", False),
        ("bootstrap.zip", "x86_64", True),
    ],
)
def test_a_released_zip_is_deployed_for_its_own_architecture_only(
    release: Path, name: str, architecture: str, deployed: bool
) -> None:
    [function] = release.glob("*.zip")
    given = variables(
        release, function_zip=str(function.rename(release / name)), parameters={"Architecture": architecture}
    )
    stack = configuration("scanner")["resource"]["aws_cloudformation_stack"]["scanner"]
    condition = stack["lifecycle"][0]["precondition"][0]["condition"].removeprefix("${").removesuffix("}")
    assert evaluated(release, "scanner", given, {"deployed": condition}) == {"deployed": deployed}


def outputs(**parameters: str) -> dict[str, str]:
    """The scanner's outputs that other stacks are made with."""
    defaults = {name: str(one["Default"]) for name, one in SCANNER["Parameters"].items()}
    stack = Stack(SCANNER, defaults | parameters)
    return {name: stack.resolve(SCANNER["Outputs"][name]["Value"]) for name in ("MemberRole", "MemberRoleParameters")}


@pytest.mark.parametrize(
    ("parameters", "role"),
    [
        ({}, {"RoleName": "KeycensusReader", "RolePath": "/"}),
        ({"MemberRole": "audit/keys/KeyReader"}, {"RoleName": "KeyReader", "RolePath": "/audit/keys/"}),
        (
            {"ExternalId": "census-7f3a", "Kinds": "kms", "AuditGuard": "on"},
            {"ExternalId": "census-7f3a", "Kinds": "kms", "AuditGuard": "on", "RolePath": "/"},
        ),
    ],
)
def test_the_member_role_s_parameters_agree_with_the_scanner_s_stack(
    release: Path, parameters: dict[str, str], role: dict[str, str]
) -> None:
    written = re.search(r'output "member_role_parameters" \{.*?value = (.*?)\n\}\n', text_of("scanner"), re.DOTALL)[1]
    stack = outputs(**parameters)
    asked = {"given": written.replace("aws_cloudformation_stack.scanner.outputs", "var.parameters")}
    given = evaluated(release, "scanner", variables(release, parameters={"Architecture": "x86_64"} | stack), asked)
    assert isinstance(given, dict), given
    assert role.items() <= given["given"].items()
    assert given["given"].keys() - MEMBER_ROLE["Parameters"].keys() == set()
    told = {one["ParameterKey"]: one["ParameterValue"] for one in json.loads(stack["MemberRoleParameters"])}
    assert told.items() <= given["given"].items()


def test_the_stackset_is_given_every_parameter_with_the_template_s_default_where_none_is_wanted(release: Path) -> None:
    """The provider takes one that is left out for one to remove."""
    given = {"ScannerRoleArn": "arn:aws:iam::111111111111:role/scanner", "Explain": "on"}
    wanted = {"parameters": given, "organizational_unit_ids": ["r-ab12"]}
    asked = {"defaults": "local.defaults", "parameters": "local.parameters"}
    answer = evaluated(release, "member-role", wanted, asked)
    assert isinstance(answer, dict), answer
    defaults = {name: one["Default"] for name, one in MEMBER_ROLE["Parameters"].items() if "Default" in one}
    assert answer == {"defaults": defaults, "parameters": defaults | given}
    assert answer["parameters"].keys() == MEMBER_ROLE["Parameters"].keys()
    [members] = configuration("member-role")["resource"]["aws_cloudformation_stack_set"].values()
    assert members["parameters"] == "${local.parameters}"


@pytest.mark.parametrize(
    ("module", "written", "argument"),
    [("scanner", "template.yaml", "template_url"), ("member-role", "member-role.yaml", "template_body")],
)
def test_a_template_is_sent_in_a_way_that_has_room_for_it(module: str, written: str, argument: str) -> None:
    fits = (REPOSITORY / written).stat().st_size <= MOST_OF_A_BODY
    assert argument == ("template_body" if fits else "template_url")
    resources = configuration(module)["resource"]
    made = {**resources["aws_cloudformation_stack"], **resources.get("aws_cloudformation_stack_set", {})}
    assert {("template_body" in one, "template_url" in one) for one in made.values()} == {(fits, not fits)}


@pytest.mark.parametrize(("module", "stack"), [("scanner", SCANNER), ("member-role", MEMBER_ROLE)])
def test_a_stack_has_the_capabilities_that_its_template_needs(module: str, stack: dict[str, Any]) -> None:
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html"""
    roles = [one["Properties"] for one in stack["Resources"].values() if one["Type"] == "AWS::IAM::Role"]
    needed = {"CAPABILITY_NAMED_IAM" if any("RoleName" in role for role in roles) else "CAPABILITY_IAM"}
    needed |= {"CAPABILITY_AUTO_EXPAND"} if "Transform" in stack else set()
    resources = configuration(module)["resource"]
    made = {**resources["aws_cloudformation_stack"], **resources.get("aws_cloudformation_stack_set", {})}
    assert [set(one["capabilities"]) for one in made.values()] == [needed] * len(made)


def test_the_stackset_is_what_the_commands_of_the_documentation_make() -> None:
    told = (REPOSITORY / "docs/DEPLOY.md").read_text(encoding="utf-8")
    [told] = re.findall(r"^aws cloudformation create-stack-set .*?```", told, re.MULTILINE | re.DOTALL)
    resources = configuration("member-role")["resource"]
    [members] = resources["aws_cloudformation_stack_set"].values()
    [instances] = resources["aws_cloudformation_stack_instances"].values()
    [deployment], [preferences] = members["auto_deployment"], instances["operation_preferences"]
    assert f"--permission-model {members['permission_model']} " in told
    assert (
        f"--auto-deployment Enabled={str(deployment['enabled']).lower()},"
        f"RetainStacksOnAccountRemoval={str(deployment['retain_stacks_on_account_removal']).lower()}\n"
    ) in told
    assert (
        f"FailureTolerancePercentage={preferences['failure_tolerance_percentage']},"
        f"MaxConcurrentPercentage={preferences['max_concurrent_percentage']},"
        f"ConcurrencyMode={preferences['concurrency_mode']}\n"
    ) in told
