package event

const (
	rootID        = "r-exampleroot111"
	unitID        = "ou-exampleroot111-exampleou111"
	orgPolicyID   = "p-examplepolicyid1"
	handshakeID   = "h-examplehandshakeid111"
	memberAccount = "444455556666"
	orgPolicyType = "SERVICE_CONTROL_POLICY"
)

var (
	handshake = object{"handshake": object{
		"id": handshakeID, "arn": "arn:aws:organizations::" + Account + ":handshake/o-exampleorgid/invite/" + handshakeID,
		"action": "INVITE", "state": "OPEN", "requestedTimestamp": "May 4, 2026, 9:12:40 AM",
		"expirationTimestamp": "May 19, 2026, 9:12:40 AM", "parties": []object{{"type": "ORGANIZATION", "id": "exampleorgid"}},
	}}
	unit = object{"organizationalUnit": object{
		"id": unitID, "arn": "arn:aws:organizations::" + Account + ":ou/o-exampleorgid/" + unitID, "name": "production",
	}}
	orgPolicy = object{"policy": object{"content": policyDocument, "policySummary": object{
		"id": orgPolicyID, "arn": "arn:aws:organizations::" + Account + ":policy/o-exampleorgid/service_control_policy/" + orgPolicyID,
		"name": "guard", "type": orgPolicyType, "awsManaged": false,
	}}}
	orgRoot = object{"root": object{
		"id": rootID, "arn": "arn:aws:organizations::" + Account + ":root/o-exampleorgid/" + rootID, "name": "Root",
	}}
)

var organizationsCalls = []call{
	{name: "AcceptHandshake", request: object{"handshakeId": handshakeID}, response: handshake},
	{name: "AttachPolicy", request: object{"policyId": orgPolicyID, "targetId": unitID}},
	{name: "CreateAccount", request: object{
		"accountName": "****", "email": "****", "roleName": "OrganizationAccountAccessRole", "iamUserAccessToBilling": "ALLOW",
	}, response: object{"createAccountStatus": object{
		"id": "car-examplecreateaccountrequestid111", "state": "IN_PROGRESS", "accountName": "****", "requestedTimestamp": "May 4, 2026, 9:12:40 AM",
	}}},
	{name: "CreateOrganizationalUnit", request: object{"name": "production", "parentId": rootID}, response: unit},
	{name: "CreatePolicy", request: object{"name": "guard", "type": orgPolicyType, "description": "", "content": policyDocument}, response: orgPolicy},
	{name: "DeclineHandshake", request: object{"handshakeId": handshakeID}, response: handshake},
	{name: "DeleteOrganization"},
	{name: "DeleteOrganizationalUnit", request: object{"organizationalUnitId": unitID}},
	{name: "DeletePolicy", request: object{"policyId": orgPolicyID}},
	{name: "DetachPolicy", request: object{"policyId": orgPolicyID, "targetId": unitID}},
	{name: "DisablePolicyType", request: object{"rootId": rootID, "policyType": orgPolicyType}, response: orgRoot},
	{name: "EnablePolicyType", request: object{"rootId": rootID, "policyType": orgPolicyType}, response: orgRoot},
	{name: "InviteAccountToOrganization", request: object{"target": object{"type": "ACCOUNT", "id": memberAccount}}, response: handshake},
	{name: "LeaveOrganization"},
	{name: "MoveAccount", request: object{"accountId": memberAccount, "sourceParentId": rootID, "destinationParentId": unitID}},
	{name: "RemoveAccountFromOrganization", request: object{"accountId": memberAccount}},
	{name: "UpdatePolicy", request: object{"policyId": orgPolicyID, "content": policyDocument}, response: orgPolicy},
	{name: "UpdateOrganizationalUnit", request: object{"organizationalUnitId": unitID, "name": "workloads"}, response: unit},
}
