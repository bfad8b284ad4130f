package event

const (
	vpcID     = "vpc-0a1b2c3d4e5f60718"
	groupID   = "sg-0f9e8d7c6b5a40312"
	aclID     = "acl-0123456789abcdef0"
	gatewayID = "igw-0a9b8c7d6e5f41230"
	tableID   = "rtb-0fedcba9876543210"
	peeringID = "pcx-0b1c2d3e4f5061728"
)

// returned is what most calls of EC2 answer.
func returned(more object) object {
	answer := object{"requestId": "59dbff89-35bd-4eac-99ed-be587EXAMPLE", "_return": true}
	for k, v := range more {
		answer[k] = v
	}
	return answer
}

func items(list ...object) object { return object{"items": list} }

var permissions = items(object{
	"ipProtocol": "tcp", "fromPort": 22, "toPort": 22, "groups": object{}, "ipRanges": items(object{"cidrIp": "0.0.0.0/0"}),
	"ipv6Ranges": object{}, "prefixListIds": object{},
})

var securityGroupCalls = []call{
	{name: "AuthorizeSecurityGroupIngress", request: object{"groupId": groupID, "ipPermissions": permissions}, response: returned(nil)},
	{name: "AuthorizeSecurityGroupEgress", request: object{"groupId": groupID, "ipPermissions": permissions}, response: returned(nil)},
	{name: "RevokeSecurityGroupIngress", request: object{"groupId": groupID, "ipPermissions": permissions}, response: returned(nil)},
	{name: "RevokeSecurityGroupEgress", request: object{"groupId": groupID, "ipPermissions": permissions}, response: returned(nil)},
	{name: "CreateSecurityGroup", request: object{"groupName": "web", "groupDescription": "web servers", "vpcId": vpcID},
		response: returned(object{"groupId": groupID})},
	{name: "DeleteSecurityGroup", request: object{"groupId": groupID}, response: returned(nil)},
	{name: "ModifySecurityGroupRules", demand: Named, request: object{"ModifySecurityGroupRulesRequest": object{
		"GroupId": groupID, "SecurityGroupRule": object{"SecurityGroupRuleId": "sgr-0a1b2c3d4e5f60718", "tag": 1},
	}}, response: object{"ModifySecurityGroupRulesResponse": object{"return": true}}},
}

var aclEntry = object{
	"networkAclId": aclID, "ruleNumber": 100, "egress": false, "ruleAction": "allow", "aclProtocol": "6",
	"cidrBlock": "0.0.0.0/0", "portRange": object{"from": 22, "to": 22}, "icmpTypeCode": object{},
}

var aclCalls = []call{
	{name: "CreateNetworkAcl", request: object{"vpcId": vpcID}, response: object{"networkAcl": object{"networkAclId": aclID, "vpcId": vpcID, "default": false}}},
	{name: "CreateNetworkAclEntry", request: aclEntry, response: returned(nil)},
	{name: "DeleteNetworkAcl", request: object{"networkAclId": aclID}, response: returned(nil)},
	{name: "DeleteNetworkAclEntry", request: object{"networkAclId": aclID, "ruleNumber": 100, "egress": false}, response: returned(nil)},
	{name: "ReplaceNetworkAclEntry", request: aclEntry, response: returned(nil)},
	{name: "ReplaceNetworkAclAssociation", request: object{"associationId": "aclassoc-0a1b2c3d4e5f60718", "networkAclId": aclID},
		response: object{"newAssociationId": "aclassoc-0f9e8d7c6b5a40312"}},
}

var gatewayCalls = []call{
	{name: "CreateCustomerGateway", request: object{"type": "ipsec.1", "bgpAsn": 65000, "ipAddress": "203.0.113.9"},
		response: object{"customerGateway": object{"customerGatewayId": "cgw-0e11f167", "state": "available"}}},
	{name: "DeleteCustomerGateway", request: object{"customerGatewayId": "cgw-0e11f167"}, response: returned(nil)},
	{name: "AttachInternetGateway", request: object{"internetGatewayId": gatewayID, "vpcId": vpcID}, response: returned(nil)},
	{name: "CreateInternetGateway", request: object{}, response: object{"internetGateway": object{"internetGatewayId": gatewayID, "attachmentSet": object{}}}},
	{name: "DeleteInternetGateway", request: object{"internetGatewayId": gatewayID}, response: returned(nil)},
	{name: "DetachInternetGateway", request: object{"internetGatewayId": gatewayID, "vpcId": vpcID}, response: returned(nil)},
}

var route = object{"routeTableId": tableID, "destinationCidrBlock": "0.0.0.0/0", "gatewayId": gatewayID}

var routeCalls = []call{
	{name: "CreateRoute", request: route, response: returned(nil)},
	{name: "CreateRouteTable", request: object{"vpcId": vpcID}, response: object{"routeTable": object{"routeTableId": tableID, "vpcId": vpcID}}},
	{name: "ReplaceRoute", request: route, response: returned(nil)},
	{name: "ReplaceRouteTableAssociation", request: object{"associationId": "rtbassoc-0a1b2c3d4e5f60718", "routeTableId": tableID},
		response: object{"newAssociationId": "rtbassoc-0f9e8d7c6b5a40312"}},
	{name: "DeleteRouteTable", request: object{"routeTableId": tableID}, response: returned(nil)},
	{name: "DeleteRoute", request: object{"routeTableId": tableID, "destinationCidrBlock": "0.0.0.0/0"}, response: returned(nil)},
	{name: "DisassociateRouteTable", request: object{"associationId": "rtbassoc-0a1b2c3d4e5f60718"}, response: returned(nil)},
}

var peering = object{"vpcPeeringConnection": object{
	"vpcPeeringConnectionId": peeringID, "status": object{"code": "initiating-request"},
	"requesterVpcInfo": object{"ownerId": Account, "vpcId": vpcID, "cidrBlock": "10.0.0.0/16"},
}}

var vpcCalls = []call{
	{name: "CreateVpc", request: object{"cidrBlock": "10.0.0.0/16", "instanceTenancy": "default", "amazonProvidedIpv6CidrBlock": false},
		response: object{"vpc": object{"vpcId": vpcID, "state": "pending", "cidrBlock": "10.0.0.0/16", "isDefault": false}}},
	{name: "DeleteVpc", request: object{"vpcId": vpcID}, response: returned(nil)},
	{name: "ModifyVpcAttribute", request: object{"vpcId": vpcID, "enableDnsHostnames": object{"value": true}}, response: returned(nil)},
	{name: "AcceptVpcPeeringConnection", request: object{"vpcPeeringConnectionId": peeringID}, response: peering},
	{name: "CreateVpcPeeringConnection", request: object{"vpcId": vpcID, "peerVpcId": "vpc-0f9e8d7c6b5a40312", "peerOwnerId": memberAccount}, response: peering},
	{name: "DeleteVpcPeeringConnection", request: object{"vpcPeeringConnectionId": peeringID}, response: returned(nil)},
	{name: "RejectVpcPeeringConnection", request: object{"vpcPeeringConnectionId": peeringID}, response: returned(nil)},
	{name: "AttachClassicLinkVpc", demand: Gone, request: object{"instanceId": "i-1234567890abcdef0", "vpcId": vpcID}, response: returned(nil)},
	{name: "DetachClassicLinkVpc", demand: Gone, request: object{"instanceId": "i-1234567890abcdef0", "vpcId": vpcID}, response: returned(nil)},
	{name: "DisableVpcClassicLink", demand: Gone, request: object{"vpcId": vpcID}, response: returned(nil)},
	{name: "EnableVpcClassicLink", demand: Gone, request: object{"vpcId": vpcID}, response: returned(nil)},
}
