locals {
  # That of the release, or of the repository, that this module is part of.
  template = file("${path.module}/../../../member-role.yaml")

  # aws_cloudformation_stack_set takes a parameter that it is not given for one to remove, in every plan.
  defaults = {
    for parameter in regexall("(?m)^  (\\w+):\n    Type: String\n    Default: (.*)$", local.template) :
    parameter[0] => trim(parameter[1], "'")
  }
  parameters = merge(local.defaults, var.parameters)
}
