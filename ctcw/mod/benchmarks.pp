benchmark "cloudtrail_cloudwatch" {
  title         = "CloudTrail to CloudWatch Logs"
  description   = "Every rule about trails, their delivery to CloudWatch Logs, and their log groups. The strict rule is here once, under its number in the latest CIS version that has it."
  documentation = file("./docs/index.md")

  children = [
    control.cis_v200_3_4,
    control.foundational_security_cloudtrail_5,
    control.delivery_healthy,
    control.log_group_exists,
    control.log_group_retention_365,
    control.all_regions_scanned,
  ]

  tags = merge(local.common_tags, {
    type = "Benchmark"
  })
}

# Apart from the others, which also run on a snapshot: SQLite does not know this one's date arithmetic.
benchmark "as_published" {
  title         = "CIS 3.4 as published, beside the strict rule"
  description   = "The widely published rule and the strict one over the same trails. Where they differ, a trail passes elsewhere that delivers nothing to CloudWatch Logs. Postgres only."
  documentation = file("./docs/cis_v200_3_4_as_published.md")

  children = [
    control.cis_v200_3_4_as_published,
    control.cis_v200_3_4,
  ]

  tags = merge(local.common_tags, {
    type = "Benchmark"
  })
}
