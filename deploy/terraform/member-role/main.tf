resource "aws_cloudformation_stack_set" "members" {
  count = length(var.organizational_unit_ids) > 0 ? 1 : 0

  name             = var.name
  call_as          = var.call_as
  permission_model = "SERVICE_MANAGED"
  template_body    = local.template
  capabilities     = ["CAPABILITY_NAMED_IAM"]
  parameters       = local.parameters
  tags             = var.tags

  auto_deployment {
    enabled                          = true
    retain_stacks_on_account_removal = false
  }

  operation_preferences {
    failure_tolerance_percentage = 100
    max_concurrent_percentage    = 25
  }

  timeouts {
    update = "3h"
  }

  lifecycle {
    # AWS answers the service-linked role, which older providers take for a difference:
    # https://github.com/hashicorp/terraform-provider-aws/pull/45992
    ignore_changes = [administration_role_arn]
  }
}

resource "terraform_data" "targets" {
  input = sort(var.organizational_unit_ids)
}

resource "aws_cloudformation_stack_instances" "members" {
  count = length(var.organizational_unit_ids) > 0 ? 1 : 0

  stack_set_name = aws_cloudformation_stack_set.members[0].name
  call_as        = var.call_as

  # In the Region of the provider and no other: IAM is global.
  deployment_targets {
    organizational_unit_ids = var.organizational_unit_ids
  }

  operation_preferences {
    failure_tolerance_percentage = 100
    max_concurrent_percentage    = 25
    concurrency_mode             = "SOFT_FAILURE_TOLERANCE"
  }

  timeouts {
    create = "3h"
    update = "3h"
    delete = "3h"
  }

  lifecycle {
    # The provider reads the targets from the instances. Where it finds others than were given, its next apply would
    # take the role away from them: https://github.com/hashicorp/terraform-provider-aws/issues/43607
    ignore_changes       = [deployment_targets]
    replace_triggered_by = [terraform_data.targets]
  }
}

resource "aws_cloudformation_stack" "this_account" {
  count = var.in_this_account ? 1 : 0

  name          = var.name
  template_body = local.template
  capabilities  = ["CAPABILITY_NAMED_IAM"]
  parameters    = local.parameters
  tags          = var.tags
}
