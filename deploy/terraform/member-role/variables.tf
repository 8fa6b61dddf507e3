variable "name" {
  description = "Name of the StackSet, and of the stack in this account."
  type        = string
  default     = "keycensus-reader"
}

variable "parameters" {
  description = "Parameters of member-role.yaml, by the names that they have there: the output member_role_parameters of the module scanner, with others merged into it where they are wanted. Those that are missing have the template's default."
  type        = map(string)
}

variable "organizational_unit_ids" {
  description = "IDs of OUs, or of the organization's root, whose accounts get the role, also those that join later. Empty means no StackSet."
  type        = list(string)
}

variable "call_as" {
  description = "SELF in the management account, DELEGATED_ADMIN in a delegated administrator of StackSets."
  type        = string
  default     = "SELF"
}

variable "in_this_account" {
  description = "Whether the account of the provider gets the role, too. A StackSet never reaches the management account."
  type        = bool
  default     = false
}

variable "tags" {
  description = "Tags of the StackSet and of the stacks, which CloudFormation gives to the roles."
  type        = map(string)
  default     = {}
}
