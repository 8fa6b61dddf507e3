output "outputs" {
  description = "The stack's outputs, by the names that they have in template.yaml."
  value       = aws_cloudformation_stack.scanner.outputs
}

output "member_role_parameters" {
  description = "What the module member-role takes as parameters, in agreement with this stack."
  value = merge(
    {
      for parameter in jsondecode(aws_cloudformation_stack.scanner.outputs["MemberRoleParameters"]) :
      parameter.ParameterKey => parameter.ParameterValue
    },
    {
      RoleName = basename(aws_cloudformation_stack.scanner.outputs["MemberRole"])
      RolePath = trimsuffix(
        "/${aws_cloudformation_stack.scanner.outputs["MemberRole"]}",
        basename(aws_cloudformation_stack.scanner.outputs["MemberRole"]),
      )
    },
  )
}
