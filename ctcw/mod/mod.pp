mod "ctcw" {
  title         = "CloudTrail to CloudWatch Logs"
  description   = "Does every CloudTrail trail really deliver to CloudWatch Logs, and is the log group kept long enough? CIS AWS Foundations 3.4 (2.4 in v1.2.0) and Security Hub CloudTrail.5, for one AWS account or a whole organization."
  color         = "#E7157B"
  documentation = file("./docs/index.md")
  categories    = ["aws", "cis", "compliance", "public cloud", "security"]

  # There is no database attribute: it would tie the mod to Steampipe, and it runs on a snapshot too.

  opengraph {
    title       = "Powerpipe mod: CloudTrail to CloudWatch Logs"
    description = "Find the CloudTrail trails that do not deliver to CloudWatch Logs, the log groups that are gone or kept too short, and the accounts without a trail."
  }
}
