package event

const (
	policyARN      = "arn:aws:iam::" + Account + ":policy/deploy"
	policyDocument = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`
)

var iamCalls = []call{
	{name: "DeleteGroupPolicy", request: object{"groupName": "developers", "policyName": "inline"}},
	{name: "DeleteRolePolicy", request: object{"roleName": "application", "policyName": "inline"}},
	{name: "DeleteUserPolicy", request: object{"userName": "mateo", "policyName": "inline"}},
	{name: "PutGroupPolicy", request: object{"groupName": "developers", "policyName": "inline", "policyDocument": policyDocument}},
	{name: "PutRolePolicy", request: object{"roleName": "application", "policyName": "inline", "policyDocument": policyDocument}},
	{name: "PutUserPolicy", request: object{"userName": "mateo", "policyName": "inline", "policyDocument": policyDocument}},
	{name: "CreatePolicy", request: object{"policyName": "deploy", "policyDocument": policyDocument}, response: object{"policy": object{
		"policyName": "deploy", "policyId": "ANPAI44QH8DHBEXAMPLE", "arn": policyARN, "path": "/", "defaultVersionId": "v1",
		"attachmentCount": 0, "permissionsBoundaryUsageCount": 0, "isAttachable": true,
		"createDate": "May 4, 2026, 9:12:41 AM", "updateDate": "May 4, 2026, 9:12:41 AM",
	}}},
	{name: "DeletePolicy", request: object{"policyArn": policyARN}},
	{name: "CreatePolicyVersion", request: object{"policyArn": policyARN, "policyDocument": policyDocument, "setAsDefault": true},
		response: object{"policyVersion": object{"versionId": "v2", "isDefaultVersion": true, "createDate": "May 4, 2026, 9:12:41 AM"}}},
	{name: "DeletePolicyVersion", request: object{"policyArn": policyARN, "versionId": "v1"}},
	{name: "AttachRolePolicy", request: object{"roleName": "application", "policyArn": policyARN}},
	{name: "DetachRolePolicy", request: object{"roleName": "application", "policyArn": policyARN}},
	{name: "AttachUserPolicy", request: object{"userName": "mateo", "policyArn": policyARN}},
	{name: "DetachUserPolicy", request: object{"userName": "mateo", "policyArn": policyARN}},
	{name: "AttachGroupPolicy", request: object{"groupName": "developers", "policyArn": policyARN}},
	{name: "DetachGroupPolicy", request: object{"groupName": "developers", "policyArn": policyARN}},
}
