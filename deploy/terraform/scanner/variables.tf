variable "name" {
  description = "Name of the stack, which the function takes."
  type        = string
  default     = "keycensus"
}

variable "function_zip" {
  description = "Path of the function's zip: keycensus-lambda-VERSION-ARCHITECTURE.zip of a release, or what cargo lambda build --output-format zip writes."
  type        = string
}

variable "artifact_bucket" {
  description = "Name of a bucket in the Region of the stack, for the zip, the state machine's definition and the template."
  type        = string
}

variable "parameters" {
  description = "Parameters of template.yaml, by the names that they have there. Architecture must be among them; those that are not have the template's default."
  type        = map(string)

  validation {
    condition     = contains(keys(var.parameters), "Architecture")
    error_message = "Architecture is missing in parameters: it must be that of function_zip, arm64 or x86_64."
  }
}

variable "tags" {
  description = "Tags of the stack, which CloudFormation gives to its resources."
  type        = map(string)
  default     = {}
}
