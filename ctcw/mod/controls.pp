locals {
  # plugin is "aws", as in the other mods for AWS: the ASFF export takes only controls that say so.
  common_tags = {
    category = "Compliance"
    plugin   = "aws"
    service  = "AWS/CloudTrail"
  }

  # Severities: low where Security Hub says so of the same rule (CloudTrail.5); medium where a trail looks well and is not.
  cis_description = "Checks that each trail has a CloudWatch Logs log group and that CloudTrail delivered to it within about a day. A trail that is configured but stopped, or whose log group is gone, does not pass."
}

control "cis_v120_2_4" {
  title         = "2.4 Ensure CloudTrail trails are integrated with CloudWatch Logs"
  description   = local.cis_description
  severity      = "low"
  query         = query.cis_3_4
  documentation = file("./docs/cis_3_4.md")

  tags = merge(local.common_tags, {
    cis            = "true"
    cis_version    = "v1.2.0"
    cis_section_id = "2"
    cis_item_id    = "2.4"
    cis_level      = "1"
    cis_type       = "scored"
  })
}

control "cis_v130_3_4" {
  title         = "3.4 Ensure CloudTrail trails are integrated with CloudWatch Logs"
  description   = local.cis_description
  severity      = "low"
  query         = query.cis_3_4
  documentation = file("./docs/cis_3_4.md")

  tags = merge(local.common_tags, {
    cis            = "true"
    cis_version    = "v1.3.0"
    cis_section_id = "3"
    cis_item_id    = "3.4"
    cis_level      = "1"
    cis_type       = "automated"
  })
}

control "cis_v140_3_4" {
  title         = "3.4 Ensure CloudTrail trails are integrated with CloudWatch Logs"
  description   = local.cis_description
  severity      = "low"
  query         = query.cis_3_4
  documentation = file("./docs/cis_3_4.md")

  tags = merge(local.common_tags, {
    cis            = "true"
    cis_version    = "v1.4.0"
    cis_section_id = "3"
    cis_item_id    = "3.4"
    cis_level      = "1"
    cis_type       = "automated"
  })
}

control "cis_v150_3_4" {
  title         = "3.4 Ensure CloudTrail trails are integrated with CloudWatch Logs"
  description   = local.cis_description
  severity      = "low"
  query         = query.cis_3_4
  documentation = file("./docs/cis_3_4.md")

  tags = merge(local.common_tags, {
    cis            = "true"
    cis_version    = "v1.5.0"
    cis_section_id = "3"
    cis_item_id    = "3.4"
    cis_level      = "1"
    cis_type       = "automated"
  })
}

control "cis_v200_3_4" {
  title         = "3.4 Ensure CloudTrail trails are integrated with CloudWatch Logs"
  description   = local.cis_description
  severity      = "low"
  query         = query.cis_3_4
  documentation = file("./docs/cis_3_4.md")

  tags = merge(local.common_tags, {
    cis            = "true"
    cis_version    = "v2.0.0"
    cis_section_id = "3"
    cis_item_id    = "3.4"
    cis_level      = "1"
    cis_type       = "automated"
  })
}

control "foundational_security_cloudtrail_5" {
  title         = "5 CloudTrail trails should be integrated with CloudWatch Logs"
  description   = "Checks that each trail has a CloudWatch Logs log group, as Security Hub does. It does not ask whether anything arrives there."
  severity      = "low"
  query         = query.foundational_security_cloudtrail_5
  documentation = file("./docs/foundational_security_cloudtrail_5.md")

  tags = merge(local.common_tags, {
    aws_foundational_security      = "true"
    foundational_security_item_id  = "cloudtrail_5"
    foundational_security_category = "logging"
    pci_dss_v321                   = "true"
    pci_dss_v321_item_id           = "10.5.3"
    nist_800_53_rev_5              = "true"
    nist_800_53_rev_5_item_id      = "AC-2(4), AC-4(26), AC-6(9), AU-2, AU-3, AU-6(1), AU-6(3), AU-6(4), AU-6(5), AU-7(1), AU-10, AU-12, CA-7, SC-7(9), SI-3(8), SI-4(5), SI-4(20), SI-7(8), SI-20"
  })
}

control "delivery_healthy" {
  title         = "CloudTrail should deliver to CloudWatch Logs without errors"
  description   = "Checks that each trail with a log group is logging, that CloudTrail delivered to CloudWatch Logs within the window, and that it reports no delivery error."
  severity      = "medium"
  query         = query.delivery_healthy
  documentation = file("./docs/delivery_healthy.md")
  tags          = local.common_tags
}

control "log_group_exists" {
  title         = "The log group that a trail delivers to should exist"
  description   = "Checks that the configured log group is there. CloudTrail keeps the ARN of a log group that was deleted."
  severity      = "medium"
  query         = query.log_group_exists
  documentation = file("./docs/log_group_exists.md")
  tags          = local.common_tags
}

control "log_group_retention_365" {
  title         = "The log group that a trail delivers to should keep events for at least a year"
  description   = "Checks that the log group keeps its events for at least min_retention_days (365), or for ever."
  severity      = "medium"
  query         = query.log_group_retention_365
  documentation = file("./docs/log_group_retention_365.md")
  tags          = merge(local.common_tags, local.retention_tags)
}

control "all_regions_scanned" {
  title         = "Every enabled region should have been scanned"
  description   = "Checks, for each account, that the trails of every enabled region could be listed. Where they could not, the other controls may have missed a trail."
  severity      = "medium"
  query         = query.all_regions_scanned
  documentation = file("./docs/all_regions_scanned.md")
  tags          = local.common_tags
}

control "cis_v200_3_4_as_published" {
  title         = "CIS 3.4 as it is widely published, to compare with"
  description   = "The usual SQL for CIS 3.4: a log group is set, and S3 (not CloudWatch Logs) got a delivery since yesterday. Postgres only."
  severity      = "low"
  query         = query.cis_v200_3_4_as_published
  documentation = file("./docs/cis_v200_3_4_as_published.md")
  tags          = local.common_tags
}
