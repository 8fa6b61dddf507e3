# The scanner in an audit account, the member role in every account of the organization. Copy this folder, and change
# the sources of the modules to where the release is.
terraform {
  required_version = ">= 1.4"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.67"
    }
  }
}

variable "region" {
  description = "Region of the scanner and of the StackSet."
  type        = string
  default     = "eu-west-1"
}

variable "function_zip" {
  description = "Path of keycensus-lambda-VERSION-ARCHITECTURE.zip."
  type        = string
}

# The account of the scanner. Where that is the management account, both providers are the same.
provider "aws" {
  region  = var.region
  profile = "audit"
}

provider "aws" {
  alias   = "management"
  region  = var.region
  profile = "management"
}

data "aws_organizations_organization" "this" {
  provider = aws.management
}

resource "aws_s3_bucket" "artifacts" {
  bucket_prefix = "keycensus-artifacts-"
}

resource "aws_s3_bucket_public_access_block" "artifacts" {
  bucket                  = aws_s3_bucket.artifacts.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

module "scanner" {
  source = "../scanner"

  function_zip    = var.function_zip
  artifact_bucket = aws_s3_bucket.artifacts.id

  parameters = {
    Architecture = "x86_64"
    DigestEmail  = "security@example.com"
    OwnerTags    = "owner,Cost Center"
  }
}

module "member_role" {
  source    = "../member-role"
  providers = { aws = aws.management }

  parameters              = module.scanner.member_role_parameters
  organizational_unit_ids = [data.aws_organizations_organization.this.roots[0].id]
  # The management account itself, which no StackSet reaches. With the scanner in it, that is false.
  in_this_account = true
}

output "report_bucket" {
  value = module.scanner.outputs["ReportBucketName"]
}

output "accounts_without_role" {
  value = module.member_role.failed
}
