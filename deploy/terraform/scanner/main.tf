data "aws_s3_bucket" "artifacts" {
  bucket = var.artifact_bucket
}

# Of these three, the old one stays until the stack is updated: where an update fails, CloudFormation goes back to it.
resource "aws_s3_object" "function" {
  bucket = var.artifact_bucket
  key    = local.function_key
  source = var.function_zip

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_s3_object" "state_machine" {
  bucket = var.artifact_bucket
  key    = local.state_machine_key
  source = local.state_machine

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_s3_object" "template" {
  bucket  = var.artifact_bucket
  key     = local.template_key
  content = local.template

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_cloudformation_stack" "scanner" {
  name = var.name
  # By its place, since CloudFormation takes no more than 51,200 bytes as a template's body:
  # https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
  template_url = "https://${data.aws_s3_bucket.artifacts.bucket_regional_domain_name}/${aws_s3_object.template.key}"
  # The template has a transform, AWS::Serverless, and roles without names of their own.
  capabilities = ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"]
  # Never empty: the provider takes an empty map for one that is not given, and would leave the stack's as they are.
  parameters = var.parameters
  tags       = var.tags

  depends_on = [aws_s3_object.function, aws_s3_object.state_machine]

  lifecycle {
    precondition {
      condition     = local.zip_architecture == null || local.zip_architecture == var.parameters["Architecture"]
      error_message = "The parameter Architecture is not that of function_zip: it must be ${coalesce(local.zip_architecture, "arm64 or x86_64")}."
    }
  }
}
