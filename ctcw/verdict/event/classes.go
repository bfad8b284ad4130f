package event

import (
	"fmt"
	"slices"
	"strings"
)

func classes() []*Class {
	all := []*Class{
		{
			Name: "unauthorized_api_calls", Title: "API calls that were denied", Witnesses: unauthorized(),
			Pattern: `{ ($.errorCode = "*UnauthorizedOperation") || ($.errorCode = "AccessDenied*") }`,
		},
		{
			Name: "console_sign_in_without_mfa", Title: "Console sign-in without MFA", Witnesses: withoutMFA(), Sources: []string{signin},
			Pattern: `{ ($.eventName = "ConsoleLogin") && ($.additionalEventData.MFAUsed != "Yes") && ($.userIdentity.type = "IAMUser") && ($.responseElements.ConsoleLogin = "Success") }`,
		},
		{
			Name: "root_usage", Title: "Use of the root user", Witnesses: rootUsage(),
			Pattern: `{ ($.userIdentity.type = "Root") && ($.userIdentity.invokedBy NOT EXISTS) && ($.eventType != "AwsServiceEvent") }`,
		},
		ofCalls("iam_policy_changes", "IAM policy changes", iam, iamCalls),
		ofCalls("cloudtrail_changes", "CloudTrail configuration changes", cloudtrail, cloudtrailCalls),
		{
			Name: "console_authentication_failures", Title: "Failed console sign-in", Witnesses: failures(), Sources: []string{signin},
			Pattern: `{ ($.eventName = "ConsoleLogin") && ($.errorMessage = "Failed authentication") }`,
		},
		ofCalls("kms_key_deletion", "KMS keys disabled or scheduled for deletion", kms, kmsCalls),
		ofCalls("s3_bucket_policy_changes", "S3 bucket policy changes", s3, s3Calls),
		ofCalls("config_changes", "AWS Config configuration changes", config, configCalls),
		ofCalls("security_group_changes", "Security group changes", ec2, securityGroupCalls),
		ofCalls("nacl_changes", "Network ACL changes", ec2, aclCalls),
		ofCalls("network_gateway_changes", "Network gateway changes", ec2, gatewayCalls),
		ofCalls("route_table_changes", "Route table changes", ec2, routeCalls),
		ofCalls("vpc_changes", "VPC changes", ec2, vpcCalls),
		ofCalls("organizations_changes", "AWS Organizations changes", organizations, organizationsCalls),
	}
	for i, c := range all {
		c.Items = cisItems(i + 1)
	}
	return all
}

// cisItems returns the item with this number in each version: the chapter has moved, the order has not.
func cisItems(n int) map[string]string {
	numbers := make(map[string]string, len(Versions))
	for _, v := range Versions {
		chapter := 4
		switch v {
		case "v1.2.0":
			chapter = 3
		case "v6.0.0":
			chapter = 5
		}
		if v == "v1.2.0" && n == 15 {
			continue // AWS Organizations came with v1.3.0
		}
		numbers[v] = fmt.Sprintf("%d.%d", chapter, n)
	}
	return numbers
}

// ofCalls returns a class that is a list of calls of one service.
func ofCalls(name, title, source string, calls []call) *Class {
	c := &Class{Name: name, Title: title, Sources: []string{source}, Witnesses: witnesses(source, calls)}
	terms := c.Names(Required, Named, Gone)
	for i, event := range terms {
		terms[i] = "($.eventName = " + event + ")"
	}
	c.Pattern = fmt.Sprintf("{ ($.eventSource = %s) && (%s) }", source, strings.Join(slices.Clip(terms), " || "))
	return c
}
