variable "workload" {
  type = string
}

variable "public" {
  type    = bool
  default = true
}

variable "allowed" {
  type = list(string)
}

variable "workspace_id" {
  type = string
}
