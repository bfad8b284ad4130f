package event_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/verdict/event"
)

// classNames is the table of the design, in its order.
var classNames = []string{
	"unauthorized_api_calls", "console_sign_in_without_mfa", "root_usage", "iam_policy_changes", "cloudtrail_changes",
	"console_authentication_failures", "kms_key_deletion", "s3_bucket_policy_changes", "config_changes",
	"security_group_changes", "nacl_changes", "network_gateway_changes", "route_table_changes", "vpc_changes",
	"organizations_changes",
}

func TestClassesAreThoseOfTheDesign(t *testing.T) {
	names := make([]string, 0, len(classNames))
	for _, c := range event.Classes() {
		names = append(names, c.Name)
		assert.NotEmpty(t, c.Title, c.Name)
	}
	assert.Equal(t, classNames, names)
	assert.Same(t, event.Classes()[6], event.ByName("kms_key_deletion"))
	assert.Nil(t, event.ByName("no_such_class"))
}

func TestItems(t *testing.T) {
	assert.Equal(t, map[string]string{
		"v1.2.0": "3.3", "v1.3.0": "4.3", "v1.4.0": "4.3", "v1.5.0": "4.3", "v2.0.0": "4.3",
		"v3.0.0": "4.3", "v4.0.0": "4.3", "v5.0.0": "4.3", "v6.0.0": "5.3",
	}, event.ByName("root_usage").Items)
	last := event.ByName("organizations_changes").Items
	assert.NotContains(t, last, "v1.2.0", "v1.2.0 has fourteen items")
	assert.Equal(t, "5.15", last["v6.0.0"])
	assert.Len(t, last, len(event.Versions)-1)
}

func TestNamesOfTheWitnesses(t *testing.T) {
	cases := map[string][]string{
		"unauthorized_api_calls":          {"Client.UnauthorizedOperation", "AccessDenied", "AccessDeniedException"},
		"console_sign_in_without_mfa":     {"ConsoleLogin"},
		"root_usage":                      {"AwsApiCall", "AwsConsoleSignIn"},
		"cloudtrail_changes":              {"CreateTrail", "UpdateTrail", "DeleteTrail", "StartLogging", "StopLogging"},
		"console_authentication_failures": {"ConsoleLogin"},
		"kms_key_deletion":                {"DisableKey", "ScheduleKeyDeletion"},
		"iam_policy_changes": {
			"DeleteGroupPolicy", "DeleteRolePolicy", "DeleteUserPolicy", "PutGroupPolicy", "PutRolePolicy", "PutUserPolicy",
			"CreatePolicy", "DeletePolicy", "CreatePolicyVersion", "DeletePolicyVersion", "AttachRolePolicy", "DetachRolePolicy",
			"AttachUserPolicy", "DetachUserPolicy", "AttachGroupPolicy", "DetachGroupPolicy",
		},
		"s3_bucket_policy_changes": {
			"PutBucketAcl", "PutBucketPolicy", "PutBucketCors", "PutBucketLifecycle", "PutBucketReplication",
			"DeleteBucketPolicy", "DeleteBucketCors", "DeleteBucketLifecycle", "DeleteBucketReplication",
		},
		"config_changes": {"StopConfigurationRecorder", "DeleteDeliveryChannel", "PutDeliveryChannel", "PutConfigurationRecorder"},
		"security_group_changes": {
			"AuthorizeSecurityGroupIngress", "AuthorizeSecurityGroupEgress", "RevokeSecurityGroupIngress", "RevokeSecurityGroupEgress",
			"CreateSecurityGroup", "DeleteSecurityGroup",
		},
		"nacl_changes": {
			"CreateNetworkAcl", "CreateNetworkAclEntry", "DeleteNetworkAcl", "DeleteNetworkAclEntry", "ReplaceNetworkAclEntry",
			"ReplaceNetworkAclAssociation",
		},
		"network_gateway_changes": {
			"CreateCustomerGateway", "DeleteCustomerGateway", "AttachInternetGateway", "CreateInternetGateway", "DeleteInternetGateway",
			"DetachInternetGateway",
		},
		"route_table_changes": {
			"CreateRoute", "CreateRouteTable", "ReplaceRoute", "ReplaceRouteTableAssociation", "DeleteRouteTable", "DeleteRoute",
			"DisassociateRouteTable",
		},
		"vpc_changes": {
			"CreateVpc", "DeleteVpc", "ModifyVpcAttribute", "AcceptVpcPeeringConnection", "CreateVpcPeeringConnection",
			"DeleteVpcPeeringConnection", "RejectVpcPeeringConnection",
		},
		"organizations_changes": {
			"AcceptHandshake", "AttachPolicy", "CreateAccount", "CreateOrganizationalUnit", "CreatePolicy", "DeclineHandshake",
			"DeleteOrganization", "DeleteOrganizationalUnit", "DeletePolicy", "DetachPolicy", "DisablePolicyType", "EnablePolicyType",
			"InviteAccountToOrganization", "LeaveOrganization", "MoveAccount", "RemoveAccountFromOrganization", "UpdatePolicy",
			"UpdateOrganizationalUnit",
		},
	}
	for _, name := range classNames {
		assert.Equal(t, cases[name], event.ByName(name).Names(event.Required), name)
	}
	assert.Equal(t, []string{"ModifySecurityGroupRules"}, event.ByName("security_group_changes").Names(event.Named))
	assert.Equal(t, []string{"AttachClassicLinkVpc", "DetachClassicLinkVpc", "DisableVpcClassicLink", "EnableVpcClassicLink"},
		event.ByName("vpc_changes").Names(event.Gone))
}

// TestWitnessesAreWholeEvents reads every event back, and compares the fields beside it.
func TestWitnessesAreWholeEvents(t *testing.T) {
	ids := map[string]string{}
	for _, c := range event.Classes() {
		for _, w := range c.Witnesses {
			name := c.Name + " " + w.Name + ", " + w.Shape
			e := parse(t, w)
			whole(t, name, e)
			assert.Equal(t, w.Source, e["eventSource"], name)
			assert.Equal(t, w.EventName, e["eventName"], name)
			assert.Equal(t, w.Type, e["eventType"], name)
			assert.Equal(t, w.Region, e["awsRegion"], name)
			assert.Equal(t, w.ReadOnly, e["readOnly"], name)
			if len(c.Sources) > 0 {
				assert.Contains(t, c.Sources, w.Source, name)
			}
			assert.Empty(t, ids[e["eventID"].(string)], "%s has the eventID of another", name)
			ids[e["eventID"].(string)] = name
		}
	}
	for _, w := range event.Everyday() {
		whole(t, w.Name, parse(t, w))
	}
}

func parse(t *testing.T, w event.Witness) map[string]any {
	t.Helper()
	e := map[string]any{}
	require.NoError(t, json.Unmarshal(w.JSON, &e), w.Name)
	assert.NotContains(t, string(w.JSON), "\n")
	return e
}

// whole looks for the fields that AWS calls not optional.
func whole(t *testing.T, name string, e map[string]any) {
	t.Helper()
	for _, field := range []string{
		"eventVersion", "userIdentity", "eventTime", "eventSource", "eventName", "awsRegion", "sourceIPAddress", "userAgent",
		"requestParameters", "responseElements", "eventID", "readOnly", "eventType", "managementEvent", "recipientAccountId", "eventCategory",
	} {
		assert.Contains(t, e, field, name)
	}
	assert.Equal(t, "Management", e["eventCategory"], name)
	assert.Equal(t, true, e["managementEvent"], name)
	assert.Regexp(t, `^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$`, e["eventID"], name)
	if e["eventType"] == "AwsApiCall" {
		assert.Contains(t, e, "requestID", name)
	}
}

func TestEventsAreTheSameInEveryRun(t *testing.T) {
	again := event.ByName("kms_key_deletion").Witnesses[0]
	assert.True(t, bytes.Equal(event.ByName("kms_key_deletion").Witnesses[0].JSON, again.JSON))
	assert.Contains(t, string(again.JSON), `"eventSource":"kms.amazonaws.com","eventName":"DisableKey","awsRegion":"us-east-1"`)
}

// TestTwoShapes: a filter for one region or for one kind of identity must not see all of a class.
func TestTwoShapes(t *testing.T) {
	for _, c := range event.Classes() {
		regions, identities := map[string]bool{}, map[string]bool{}
		for _, w := range c.Witnesses {
			regions[w.Region] = true
			identities[parse(t, w)["userIdentity"].(map[string]any)["type"].(string)] = true
		}
		switch c.Name {
		case "iam_policy_changes", "organizations_changes":
			assert.Equal(t, map[string]bool{"us-east-1": true}, regions, "%s: a global service", c.Name)
			assert.Len(t, identities, 2, c.Name)
		case "console_sign_in_without_mfa":
			assert.Len(t, regions, 2, c.Name)
		case "root_usage":
			assert.Equal(t, map[string]bool{"Root": true}, identities, c.Name)
			assert.Len(t, regions, 2, c.Name)
		default:
			assert.Len(t, regions, 2, c.Name)
			assert.Len(t, identities, 2, c.Name)
		}
	}
}

func TestSignIns(t *testing.T) {
	for class, mfa := range map[string]string{"console_sign_in_without_mfa": "No", "console_authentication_failures": "Yes", "root_usage": "Yes"} {
		for _, w := range event.ByName(class).Witnesses {
			if w.EventName == "ConsoleLogin" {
				assert.Equal(t, mfa, parse(t, w)["additionalEventData"].(map[string]any)["MFAUsed"], class)
			}
		}
	}
}

// TestReadsAreAmongThem: what is denied, and what root does, is often a read, which a trail of write
// events alone leaves out.
func TestReadsAreAmongThem(t *testing.T) {
	for _, c := range event.Classes() {
		reads := 0
		for _, w := range c.Witnesses {
			if w.ReadOnly {
				reads++
			}
		}
		if c.Name == "unauthorized_api_calls" || c.Name == "root_usage" {
			assert.Positive(t, reads, c.Name)
		} else {
			assert.Zero(t, reads, c.Name)
		}
	}
}

func TestPatternsFitTheLimit(t *testing.T) {
	for _, c := range event.Classes() {
		assert.LessOrEqual(t, len(c.Pattern), 1024, c.Name)
	}
}
