# As in Turbot's mods, so that the same settings serve. They are for Powerpipe: check needs the account of each row.
variable "common_dimensions" {
  type        = list(string)
  description = "The dimensions that every row has: of account_id, region, connection_name (on Steampipe only)."
  default     = ["account_id", "region"]
}

variable "tag_dimensions" {
  type        = list(string)
  description = "Tags of the trail to add as dimensions of every row about a trail, e.g. Owner. Costs a call of ListTags for each trail."
  default     = []
}

locals {
  # What the queries have where the variables are as they were, and what takes its place.
  dimensions_as_written = ",\n  account_id,\n  coalesce(region, 'global') as region"
  dimensions = trimspace(<<-EOQ
  %{~if contains(var.common_dimensions, "account_id")},
  account_id%{endif~}
  %{~if contains(var.common_dimensions, "region")},
  coalesce(region, 'global') as region%{endif~}
  %{~if contains(var.common_dimensions, "connection_name")},
  _ctx ->> 'connection_name' as connection_name%{endif~}
  %{~for tag in var.tag_dimensions~},
  tags ->> '${replace(tag, "'", "''")}' as "${replace(tag, "\"", "\"\"")}"%{endfor~}
  EOQ
  )

  # The same of a table without the trail's tags.
  untagged_dimensions = trimspace(<<-EOQ
  %{~if contains(var.common_dimensions, "account_id")},
  account_id%{endif~}
  %{~if contains(var.common_dimensions, "region")},
  coalesce(region, 'global') as region%{endif~}
  %{~if contains(var.common_dimensions, "connection_name")},
  _ctx ->> 'connection_name' as connection_name%{endif~}
  EOQ
  )

  # A row about an account has neither a region nor tags.
  account_dimensions_as_written = ",\n  account_id,\n  'global' as region"
  account_dimensions = trimspace(<<-EOQ
  %{~if contains(var.common_dimensions, "account_id")},
  account_id%{endif~}
  %{~if contains(var.common_dimensions, "region")},
  'global' as region%{endif~}
  EOQ
  )
}
