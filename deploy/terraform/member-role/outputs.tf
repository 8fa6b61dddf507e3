output "failed" {
  description = "Accounts that the StackSet could not give the role, with the reason: they do not make an apply fail."
  value = {
    for instance in flatten(aws_cloudformation_stack_instances.members[*].stack_instance_summaries) :
    instance.account_id => "${instance.detailed_status}: ${instance.status_reason}"
    if instance.detailed_status != "SUCCEEDED"
  }
}
