package pattern

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// names spells out $.eventName = A || $.eventName = B … in the spacings and quotes that the CIS benchmarks have.
func names(layout string, list string) string {
	var parts []string
	for _, name := range strings.Fields(list) {
		parts = append(parts, strings.ReplaceAll(layout, "X", name))
	}
	separator := " || "
	if strings.HasPrefix(layout, "(") && !strings.Contains(layout, " ") {
		separator = "||"
	}
	return strings.Join(parts, separator)
}

// TestCIS holds the pattern of every monitoring item of the CIS AWS Foundations Benchmark, v1.2.0 to v6.0.0, in the
// spellings that were published.
func TestCIS(t *testing.T) {
	const (
		wide, tight, quoted = `($.eventName = X)`, `($.eventName=X)`, `($.eventName = "X")`

		iam = "DeleteGroupPolicy DeleteRolePolicy DeleteUserPolicy PutGroupPolicy PutRolePolicy PutUserPolicy CreatePolicy DeletePolicy " +
			"CreatePolicyVersion DeletePolicyVersion AttachRolePolicy DetachRolePolicy AttachUserPolicy DetachUserPolicy AttachGroupPolicy DetachGroupPolicy"
		trail  = "CreateTrail UpdateTrail DeleteTrail StartLogging StopLogging"
		keys   = "DisableKey ScheduleKeyDeletion"
		bucket = "PutBucketAcl PutBucketPolicy PutBucketCors PutBucketLifecycle PutBucketReplication DeleteBucketPolicy DeleteBucketCors " +
			"DeleteBucketLifecycle DeleteBucketReplication"
		config = "StopConfigurationRecorder DeleteDeliveryChannel PutDeliveryChannel PutConfigurationRecorder"
		group  = "AuthorizeSecurityGroupIngress AuthorizeSecurityGroupEgress RevokeSecurityGroupIngress RevokeSecurityGroupEgress " +
			"CreateSecurityGroup DeleteSecurityGroup"
		acl     = "CreateNetworkAcl CreateNetworkAclEntry DeleteNetworkAcl DeleteNetworkAclEntry ReplaceNetworkAclEntry ReplaceNetworkAclAssociation"
		gateway = "CreateCustomerGateway DeleteCustomerGateway AttachInternetGateway CreateInternetGateway DeleteInternetGateway DetachInternetGateway"
		route   = "CreateRoute CreateRouteTable ReplaceRoute ReplaceRouteTableAssociation DeleteRouteTable DeleteRoute DisassociateRouteTable"
		vpc     = "CreateVpc DeleteVpc ModifyVpcAttribute AcceptVpcPeeringConnection CreateVpcPeeringConnection DeleteVpcPeeringConnection " +
			"RejectVpcPeeringConnection AttachClassicLinkVpc DetachClassicLinkVpc DisableVpcClassicLink EnableVpcClassicLink"
		organization = "AcceptHandshake AttachPolicy CreateAccount CreateOrganizationalUnit CreatePolicy DeclineHandshake DeleteOrganization " +
			"DeleteOrganizationalUnit DeletePolicy DetachPolicy DisablePolicyType EnablePolicyType InviteAccountToOrganization LeaveOrganization " +
			"MoveAccount RemoveAccountFromOrganization UpdatePolicy UpdateOrganizationalUnit"
	)
	lists := []struct{ item, source, names string }{
		{".4", "", iam}, {".4 of Security Hub", "iam", iam}, {".5", "", trail}, {".7", "kms", keys}, {".8", "s3", bucket}, {".9", "config", config},
		{".10", "", group}, {".10 since v5.0.0", "", group + " ModifySecurityGroupRules"}, {".11", "", acl}, {".12", "", gateway},
		{".13", "", route}, {".14", "", vpc}, {".15", "organizations", organization},
	}
	everyday := event(`{"eventSource":"ec2.amazonaws.com","eventName":"DescribeInstances","userIdentity":{"type":"AssumedRole"}}`)
	for _, list := range lists {
		var canonical string
		for _, layout := range []string{wide, tight, quoted, `($.eventName =X)`, `$.eventName = X`} {
			text := names(layout, list.names)
			if list.source != "" {
				text = strings.ReplaceAll(layout, "eventName", "eventSource") + " && (" + text + ")"
				text = strings.Replace(text, "X", list.source+".amazonaws.com", 1)
			}
			for _, text := range []string{"{" + text + "}", "{ " + text + " }", "{(" + text + ")}", "\n{" + text + " }\n"} {
				p := parse(t, text)
				if canonical == "" {
					canonical = p.String()
				}
				assert.Equal(t, canonical, p.String(), "%s %s", list.item, text)
				source := list.source
				if source == "" {
					source = "any"
				}
				for _, name := range strings.Fields(list.names) {
					assert.True(t, p.Matches(event(`{"eventSource":"`+source+`.amazonaws.com","eventName":"`+name+`"}`)), "%s %s %s", list.item, text, name)
					assert.False(t, p.Matches(event(`{"eventSource":"`+source+`.amazonaws.com","eventName":"`+name+`s"}`)), "%s %s %s", list.item, text, name)
				}
				assert.False(t, p.Matches(everyday), "%s %s", list.item, text)
			}
		}
	}
}

// TestCISOthers holds the items that are no plain lists of names, with an event that each must match and one that it
// must not.
func TestCISOthers(t *testing.T) {
	const (
		denied   = `{"eventName":"DescribeInstances","errorCode":"Client.UnauthorizedOperation","sourceIPAddress":"192.0.2.1"}`
		access   = `{"eventName":"ListBuckets","errorCode":"AccessDeniedException","sourceIPAddress":"192.0.2.1"}`
		everyday = `{"eventName":"DescribeInstances","sourceIPAddress":"192.0.2.1","userIdentity":{"type":"AssumedRole"},"eventType":"AwsApiCall"}`
		login    = `{"eventName":"ConsoleLogin","userIdentity":{"type":"IAMUser"},"additionalEventData":{"MFAUsed":"No"},"responseElements":{"ConsoleLogin":"Success"}}`
		mfa      = `{"eventName":"ConsoleLogin","userIdentity":{"type":"IAMUser"},"additionalEventData":{"MFAUsed":"Yes"},"responseElements":{"ConsoleLogin":"Success"}}`
		sso      = `{"eventName":"ConsoleLogin","userIdentity":{"type":"AssumedRole"},"responseElements":{"ConsoleLogin":"Success"}}`
		failed   = `{"eventName":"ConsoleLogin","errorMessage":"Failed authentication","userIdentity":{"type":"IAMUser"}}`
		root     = `{"eventName":"CreateUser","eventType":"AwsApiCall","userIdentity":{"type":"Root"}}`
		service  = `{"eventName":"CreateUser","eventType":"AwsApiCall","userIdentity":{"type":"Root","invokedBy":"support.amazonaws.com"}}`
	)
	check(t, []example{
		{"v1.2.0 .1", `{ ($.errorCode = "*UnauthorizedOperation") || ($.errorCode = "AccessDenied*") }`, denied, true},
		{"v1.2.0 .1", `{ ($.errorCode = "*UnauthorizedOperation") || ($.errorCode = "AccessDenied*") }`, access, true},
		{"v1.2.0 .1", `{ ($.errorCode = "*UnauthorizedOperation") || ($.errorCode = "AccessDenied*") }`, everyday, false},
		{"v1.3.0 .1, audit", `{($.errorCode="*UnauthorizedOperation") || ($.errorCode="AccessDenied*")}`, denied, true},
		{"v1.3.0 .1", `{ ($.errorCode = "*UnauthorizedOperation") || ($.errorCode = "AccessDenied*") || ($.sourceIPAddress!="delivery.logs.amazonaws.com") || ($.eventName!="HeadBucket") }`, everyday, true},
		{"v2.0.0 .1", `{ ($.errorCode ="*UnauthorizedOperation") || ($.errorCode ="AccessDenied*") && ($.sourceIPAddress!="delivery.logs.amazonaws.com") && ($.eventName!="HeadBucket") }`, denied, true},
		{"v2.0.0 .1", `{ ($.errorCode ="*UnauthorizedOperation") || ($.errorCode ="AccessDenied*") && ($.sourceIPAddress!="delivery.logs.amazonaws.com") && ($.eventName!="HeadBucket") }`, access, true},
		{"v2.0.0 .1", `{ ($.errorCode ="*UnauthorizedOperation") || ($.errorCode ="AccessDenied*") && ($.sourceIPAddress!="delivery.logs.amazonaws.com") && ($.eventName!="HeadBucket") }`, everyday, false},
		{"v6.0.0 .1", `{ ($.errorCode="*UnauthorizedOperation") || ($.errorCode ="AccessDenied*") && ($.sourceIPAddress!="delivery.logs.amazonaws.com") && ($.eventName!="HeadBucket") }`, access, true},
		{"v1.2.0 .2", `{ ($.eventName = "ConsoleLogin") && ($.additionalEventData.MFAUsed != "Yes") }`, login, true},
		{"v1.2.0 .2", `{ ($.eventName = "ConsoleLogin") && ($.additionalEventData.MFAUsed != "Yes") }`, mfa, false},
		{"v1.2.0 .2, nothing said of MFA", `{ ($.eventName = "ConsoleLogin") && ($.additionalEventData.MFAUsed != "Yes") }`, sso, false},
		{"v1.3.0 .2", `{($.eventName = "ConsoleLogin") && ($.additionalEventData.MFAUsed != "Yes") }`, login, true},
		{"v1.3.0 .2, audit", `{($.eventName="ConsoleLogin") && ($.additionalEventData.MFAUsed !="Yes")}`, login, true},
		{"v2.0.0 .2", `{ ($.eventName = "ConsoleLogin") && ($.additionalEventData.MFAUsed != "Yes") && ($.userIdentity.type = "IAMUser") && ($.responseElements.ConsoleLogin = "Success") }`, login, true},
		{"v2.0.0 .2", `{ ($.eventName = "ConsoleLogin") && ($.additionalEventData.MFAUsed != "Yes") && ($.userIdentity.type = "IAMUser") && ($.responseElements.ConsoleLogin = "Success") }`, mfa, false},
		{"v6.0.0 .2", `{ ($.eventName = "ConsoleLogin") && ($.additionalEventData.MFAUsed !="Yes") }`, login, true},
		{"v1.2.0 .3", `{ $.userIdentity.type = "Root" && $.userIdentity.invokedBy NOT EXISTS && $.eventType != "AwsServiceEvent" }`, root, true},
		{"v1.2.0 .3", `{ $.userIdentity.type = "Root" && $.userIdentity.invokedBy NOT EXISTS && $.eventType != "AwsServiceEvent" }`, service, false},
		{"v6.0.0 .3", `{ $.userIdentity.type = "Root" && $.userIdentity.invokedBy NOT EXISTS && $.eventType != "AwsServiceEvent"}`, root, true},
		{"Security Hub .3", `{$.userIdentity.type="Root" && $.userIdentity.invokedBy NOT EXISTS && $.eventType !="AwsServiceEvent"}`, root, true},
		{"v1.2.0 .6", `{ ($.eventName = ConsoleLogin) && ($.errorMessage = "Failed authentication") }`, failed, true},
		{"v1.2.0 .6", `{ ($.eventName = ConsoleLogin) && ($.errorMessage = "Failed authentication") }`, login, false},
		{"v1.3.0 .6, audit", `{($.eventName=ConsoleLogin) && ($.errorMessage="Failed authentication")}`, failed, true},
		{"v1.3.0 .9", `{ ($.eventSource = config.amazonaws.com) && (($.eventName=StopConfigurationRecorder)||($.eventName=DeleteDeliveryChannel) ||($.eventName=PutDeliveryChannel)||($.eventName=PutConfigurationRecorder))}`,
			`{"eventSource":"config.amazonaws.com","eventName":"PutDeliveryChannel"}`, true},
		{"v1.3.0 .15", `{ ($.eventSource = organizations.amazonaws.com) && (($.eventName = "MoveAccount") || ($.eventName ="LeaveOrganization")) }`,
			`{"eventSource":"organizations.amazonaws.com","eventName":"LeaveOrganization"}`, true},
	})
	for _, c := range []struct {
		misprint, text string
		offset         int
	}{
		{"v1.3.0 .3, audit", `{ $.userIdentity.type = "Root" && $.userIdentity.invokedByNOT EXISTS && $.eventType != "AwsServiceEvent" }`, 63},
		{"v1.3.0 .4", `{($.eventName=AttachRolePolicy)||($eventName=DetachRolePolicy)}`, 36},
		{"v1.2.0 .4, a line break in a name", `{($.eventName=DeleteRolePolicy)||($.eventNa me=DeleteUserPolicy)}`, 45},
		{"v1.2.0 .4, a line break in a value", `{($.eventName=CreatePolicy)||($.eventName=Del etePolicy)}`, 47},
		{"v1.3.0 .13, a quote too many", `{ ($.eventName = CreateRoute) }"`, 32},
		{"v6.0.0 .15", `{ ($.eventSource = organizations.amazonaws.com) && (($.eventName = AcceptHandshake") || ($.eventName = "AttachPolicy")) }`, 83},
	} {
		_, err := Parse(c.text)
		wrong := &SyntaxError{}
		if assert.ErrorAs(t, err, &wrong, c.misprint) {
			assert.Equal(t, c.offset, wrong.Offset, "%s: %v", c.misprint, err)
		}
	}
}
