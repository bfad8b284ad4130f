connection "ctcw" {
  plugin = "local/ctcw"

  # The arguments of Steampipe's AWS plugin, with the same names and meanings: the body of an existing
  # aws.spc works here as it is.

  # `regions` are the regions to scan; * and ? are allowed. All regions that the account has enabled are
  # scanned by default, and trails are easily missed with less.
  #regions = ["*"]
  #regions = ["eu-*", "us-east-1"]

  # `default_region` is where AWS is asked for the identity and the list of regions. If not set:
  #  1. The `AWS_REGION` or `AWS_DEFAULT_REGION` environment variable
  #  2. The region of the active profile
  #  3. The main region of the partition that `regions` points to
  #  4. us-east-1
  #default_region = "eu-west-1"

  # Without credentials here, those that the AWS command line would use are used: environment variables,
  # the default profile, SSO, a container or an instance role.
  #profile = "audit"

  #access_key    = "AKIAIOSFODNN7EXAMPLE"
  #secret_key    = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
  #session_token = "FwoGZXIvYXdzEXAMPLE"

  # Attempts for a failing call, the first one included, and the shortest delay between them in
  # milliseconds; the delay grows with each. Can also be set with AWS_MAX_ATTEMPTS.
  #max_error_retry_attempts = 9
  #min_error_retry_delay    = 25

  # Errors that the columns scan_error, trail_status_error and log_group_error do not report: by code, and
  # by regular expression over code and message. What such an error hides stays unknown all the same.
  #ignore_error_codes    = ["AccessDeniedException"]
  #ignore_error_messages = [".*with an explicit deny in a service control policy.*"]

  # Send every request to this URL, but what finds credentials (a role is assumed there too). Can also be set
  # with AWS_ENDPOINT_URL.
  #endpoint_url = "http://localhost:4566"

  # Accepted, so that an aws.spc works here, and without effect: nothing is asked of S3.
  #s3_force_path_style = false

  # A whole organization through this one connection: `accounts` are the accounts to scan, by id or by globs
  # of ids and names; ["*"] means every account that AWS Organizations lists, for which the credentials must
  # be those of the management account or of a delegated administrator. Without it, the caller's own account
  # is scanned. `skip_accounts` leaves some out.
  #accounts      = ["*"]
  #accounts      = ["111122223333", "444455556666"]
  #skip_accounts = ["sandbox-*"]

  # The role to assume in each account but the caller's own, with its path if it has one, and what goes with it.
  #role_name         = "ctcw-audit"
  #external_id       = "acme-audit"
  #role_session_name = "ctcw"

  # Trails that need no CloudWatch Logs, from a pattern of their ARN (* and ?; case counts, as in ARNs) to the reason. CIS says
  # that the control "does not preclude the use of an alternate solution": such trails are skipped with that reason.
  #exempt = {
  #  "arn:aws:cloudtrail:*:111122223333:trail/siem-direct" = "The SIEM reads this trail from S3 (SEC-1482)"
  #}
}
