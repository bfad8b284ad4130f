# Both ends of the pipe: what CloudTrail says that it sends, from everywhere, and what arrived.

query "events_arrive" {
  title = "The events of each account and region arrive"
  sql   = replace(file("./queries/events_arrive.sql"), local.dimensions_as_written, local.untagged_dimensions)
}

query "account_covered" {
  title = "A trail covers the whole account"
  sql   = replace(file("./queries/account_covered.sql"), local.account_dimensions_as_written, local.account_dimensions)
}

query "delivery_healthy_all_regions" {
  title = "Delivery to CloudWatch Logs is healthy in every region"
  sql   = replace(replace(file("./queries/delivery_healthy_all_regions.sql"), "24 /* max_delivery_age_hours */", "$1"), local.dimensions_as_written, local.dimensions)

  param "max_delivery_age_hours" {
    default = var.max_delivery_age_hours
  }
}

benchmark "coverage" {
  title         = "CloudTrail to CloudWatch Logs: every account and region"
  description   = "Whether a trail covers each account, and whether the events of each account and region arrive in the log group."
  documentation = file("./docs/coverage.md")

  children = [
    control.account_covered,
    control.events_arrive,
  ]

  tags = merge(local.common_tags, {
    type = "Benchmark"
  })
}

# Apart from the others, as it asks GetTrailStatus in every region that a trail covers, and they in one.
benchmark "delivery_all_regions" {
  title         = "CloudTrail to CloudWatch Logs: delivery in every region"
  description   = "Delivery is healthy in every region that the trail covers. It costs a call of GetTrailStatus for each trail and region."
  documentation = file("./docs/delivery_healthy_all_regions.md")
  children      = [control.delivery_healthy_all_regions]

  tags = merge(local.common_tags, {
    type = "Benchmark"
  })
}

control "account_covered" {
  title         = "A trail that covers all regions and records all management events should deliver to CloudWatch Logs, for every account"
  description   = "Checks, for each account, that some trail, its own or its organization's, covers all regions, records all management events, and delivers to CloudWatch Logs."
  severity      = "medium"
  query         = query.account_covered
  documentation = file("./docs/account_covered.md")
  tags          = local.common_tags
}

control "events_arrive" {
  title         = "The events of every account and region should arrive in the log group"
  description   = "Checks, for each trail with a log group and each account that it covers, that the log streams hold events, and how old the latest is."
  severity      = "medium"
  query         = query.events_arrive
  documentation = file("./docs/events_arrive.md")
  tags          = local.common_tags
}

control "delivery_healthy_all_regions" {
  title         = "Delivery to CloudWatch Logs should be healthy in every region"
  description   = "Checks what delivery_healthy does, and that no region which the trail covers reports a delivery error or has stopped logging. It costs a call for each region."
  severity      = "medium"
  query         = query.delivery_healthy_all_regions
  documentation = file("./docs/delivery_healthy_all_regions.md")
  tags          = local.common_tags
}
