package event

// everyday are calls that programs and AWS's own services make by the minute.
func everyday() []Witness {
	const region = "us-east-1"
	scanner := caller{"role in " + region, role("inventory", "collector"), region, "203.0.113.17", "Boto3/1.38.36 md/Botocore#1.38.36"}
	describe := apiEvent(scanner, ec2, "DescribeInstances", object{"instancesSet": object{}, "filterSet": object{}}, nil)
	describe.ReadOnly = true

	assume := byService("ec2.amazonaws.com", "sts.amazonaws.com", "AssumeRole", region,
		object{"roleArn": "arn:aws:iam::" + Account + ":role/application", "roleSessionName": "i-1234567890abcdef0"},
		object{"credentials": object{"accessKeyId": "ASIAI44QH8DHBEXAMPLE", "sessionToken": "exampletoken", "expiration": "May 4, 2026, 3:12:41 PM"}})
	assume.ReadOnly = true
	assume.Resources = []resource{{Account, "AWS::IAM::Role", "arn:aws:iam::" + Account + ":role/application"}}

	function := caller{"role in eu-central-1", role("application", "export"), "eu-central-1", "secretsmanager.amazonaws.com", "secretsmanager.amazonaws.com"}
	function.identity.InvokedBy = "secretsmanager.amazonaws.com"
	decrypt := apiEvent(function, kms, "Decrypt", object{
		"encryptionAlgorithm": "SYMMETRIC_DEFAULT", "encryptionContext": object{"SecretVersionId": "bec71888-8ca4-4b8f-9df1-e77c1aaaf7be"},
	}, nil)
	dress(&decrypt)
	decrypt.ReadOnly, decrypt.TLSDetails = true, nil

	instance := caller{"role in eu-central-1", role("application", "i-1234567890abcdef0"), "eu-central-1", "198.51.100.80", "aws-sdk-go/1.55.5 (go1.23.4; linux; amd64) amazon-ssm-agent/3.3.2299.0"}
	report := apiEvent(instance, "ssm.amazonaws.com", "UpdateInstanceInformation", object{
		"instanceId": "i-1234567890abcdef0", "agentStatus": "Active", "agentName": "amazon-ssm-agent", "platformType": "Linux",
	}, nil)

	acl := byService(cloudtrail, s3, "GetBucketAcl", region, object{"bucketName": bucket, "Host": bucket + ".s3.us-east-1.amazonaws.com", "acl": ""}, nil)
	dress(&acl)
	acl.ReadOnly = true

	return []Witness{
		describe.witness("DescribeInstances", scanner.shape, Required),
		assume.witness("AssumeRole", "service in "+region, Required),
		decrypt.witness("Decrypt", function.shape, Required),
		report.witness("UpdateInstanceInformation", instance.shape, Required),
		acl.witness("GetBucketAcl", "service in "+region, Required),
	}
}

// byService is a call that an AWS service makes by itself.
func byService(service, source, name, region string, request, response any) record {
	who := caller{"service in " + region, identity{Type: "AWSService", InvokedBy: service}, region, service, service}
	r := apiEvent(who, source, name, request, response)
	r.TLSDetails = nil
	return r
}
