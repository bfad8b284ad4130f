# Each file in queries runs as it is; the number that a variable may change is marked in it by a comment,
# and becomes a parameter here.

query "cis_3_4" {
  title = "CloudTrail delivers to CloudWatch Logs within the window"
  sql   = replace(replace(file("./queries/cis_3_4.sql"), "24 /* max_delivery_age_hours */", "$1"), local.dimensions_as_written, local.dimensions)

  param "max_delivery_age_hours" {
    default = var.max_delivery_age_hours
  }
}

query "foundational_security_cloudtrail_5" {
  title = "Trails have a log group"
  sql   = replace(file("./queries/foundational_security_cloudtrail_5.sql"), local.dimensions_as_written, local.dimensions)
}

query "delivery_healthy" {
  title = "Delivery to CloudWatch Logs is healthy"
  sql   = replace(replace(file("./queries/delivery_healthy.sql"), "24 /* max_delivery_age_hours */", "$1"), local.dimensions_as_written, local.dimensions)

  param "max_delivery_age_hours" {
    default = var.max_delivery_age_hours
  }
}

query "log_group_exists" {
  title = "The trail's log group exists"
  sql   = replace(file("./queries/log_group_exists.sql"), local.dimensions_as_written, local.dimensions)
}

query "log_group_retention_365" {
  title = "The trail's log group keeps its events long enough"
  sql   = replace(replace(file("./queries/log_group_retention_365.sql"), "365 /* min_retention_days */", "$1"), local.dimensions_as_written, local.dimensions)

  param "min_retention_days" {
    default = var.min_retention_days
  }
}

query "all_regions_scanned" {
  title = "Every enabled region was listed"
  sql   = replace(file("./queries/all_regions_scanned.sql"), local.account_dimensions_as_written, local.account_dimensions)
}

query "cis_v200_3_4_as_published" {
  title = "CIS 3.4 as it is widely published"
  sql   = file("./queries/cis_v200_3_4_as_published.sql")
}
