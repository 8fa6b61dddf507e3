locals {
  # The release, or the repository, that this module is part of.
  root          = "${path.module}/../../.."
  state_machine = "${local.root}/statemachine/long_census.asl.json"

  # Each content has a key of its own, so that CloudFormation sees a new one where something has changed.
  function_key      = "${var.name}/${filesha256(var.function_zip)}.zip"
  state_machine_key = "${var.name}/${filesha256(local.state_machine)}.asl.json"
  template_key      = "${var.name}/${sha256(local.template)}.yaml"

  # template.yaml as `sam package` leaves it: its local paths are places in the bucket.
  template = replace(
    replace(
      file("${local.root}/template.yaml"),
      "/(?m)^( +CodeUri:) .*$/",
      "$1 s3://${var.artifact_bucket}/${local.function_key}",
    ),
    "/(?m)^( +DefinitionUri:) .*$/",
    "$1 s3://${var.artifact_bucket}/${local.state_machine_key}",
  )

  # The name of a release's zip ends with its architecture. One that was built by hand may have any name.
  zip_architecture = one(flatten(regexall("-(arm64|x86_64)[.]zip$", var.function_zip)))
}
