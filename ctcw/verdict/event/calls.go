package event

// call is one API call that belongs to a class: its name, what was asked, and what AWS answered. Most
// calls that change something answer nothing (null).
type call struct {
	name     string
	request  object
	response any
	demand   Demand
}

const (
	iam           = "iam.amazonaws.com"
	ec2           = "ec2.amazonaws.com"
	s3            = "s3.amazonaws.com"
	kms           = "kms.amazonaws.com"
	config        = "config.amazonaws.com"
	cloudtrail    = "cloudtrail.amazonaws.com"
	organizations = "organizations.amazonaws.com"
	signin        = "signin.amazonaws.com"
)

// witnesses returns each call as each caller makes it.
func witnesses(source string, calls []call) []Witness {
	all := make([]Witness, 0, 2*len(calls))
	for _, c := range calls {
		for _, who := range callers(source) {
			r := apiEvent(who, source, c.name, c.request, c.response)
			dress(&r)
			all = append(all, r.witness(c.name, who.shape, c.demand))
		}
	}
	return all
}

// dress adds what only the events of one service have.
func dress(r *record) {
	switch r.EventSource {
	case s3:
		r.AdditionalEventData = object{
			"SignatureVersion": "SigV4", "AuthenticationMethod": "AuthHeader", "CipherSuite": "TLS_AES_128_GCM_SHA256",
			"bytesTransferredIn": 612, "bytesTransferredOut": 0, "x-amz-id-2": "c2FtcGxlLWhvc3QtaWQtZXhhbXBsZQ==",
		}
		r.Resources = []resource{{Account, "AWS::S3::Bucket", "arn:aws:s3:::" + bucket}}
	case kms:
		r.Resources = []resource{{Account, "AWS::KMS::Key", "arn:aws:kms:" + r.AWSRegion + ":" + Account + ":key/" + key}}
	}
}

const (
	bucket = "payroll-exports"
	key    = "1234abcd-12ab-34cd-56ef-1234567890ab"
)

var kmsCalls = []call{
	{name: "DisableKey", request: object{"keyId": key}},
	{name: "ScheduleKeyDeletion", request: object{"keyId": key, "pendingWindowInDays": 7}, response: object{
		"keyId": key, "keyState": "PendingDeletion", "deletionDate": "May 11, 2026, 9:12:41 AM", "pendingWindowInDays": 7,
	}},
}

// A bucket's sub-resource stands in the request as an empty string, beside its body.
var s3Calls = []call{
	{name: "PutBucketAcl", request: onBucket("acl", "AccessControlPolicy", object{"Owner": object{"ID": "exampleownerid"}})},
	{name: "PutBucketPolicy", request: onBucket("policy", "bucketPolicy", object{"Version": "2012-10-17", "Statement": []object{{
		"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::" + bucket + "/*",
	}}})},
	{name: "PutBucketCors", request: onBucket("cors", "CORSConfiguration", object{"CORSRule": object{"AllowedMethod": "GET", "AllowedOrigin": "*"}})},
	{name: "PutBucketLifecycle", request: onBucket("lifecycle", "LifecycleConfiguration", object{"Rule": object{"ID": "expire", "Status": "Enabled"}})},
	{name: "PutBucketReplication", request: onBucket("replication", "ReplicationConfiguration", object{
		"Role": "arn:aws:iam::" + Account + ":role/replication", "Rule": object{"Status": "Enabled"},
	})},
	{name: "DeleteBucketPolicy", request: onBucket("policy", "", nil)},
	{name: "DeleteBucketCors", request: onBucket("cors", "", nil)},
	{name: "DeleteBucketLifecycle", request: onBucket("lifecycle", "", nil)},
	{name: "DeleteBucketReplication", request: onBucket("replication", "", nil)},
}

func onBucket(part, name string, body any) object {
	request := object{"bucketName": bucket, "Host": bucket + ".s3.amazonaws.com", part: ""}
	if name != "" {
		request[name] = body
	}
	return request
}

var configCalls = []call{
	{name: "StopConfigurationRecorder", request: object{"configurationRecorderName": "default"}},
	{name: "DeleteDeliveryChannel", request: object{"deliveryChannelName": "default"}},
	{name: "PutDeliveryChannel", request: object{"deliveryChannel": object{"name": "default", "s3BucketName": bucket}}},
	{name: "PutConfigurationRecorder", request: object{"configurationRecorder": object{
		"name": "default", "roleARN": "arn:aws:iam::" + Account + ":role/config", "recordingGroup": object{"allSupported": false},
	}}},
}

var cloudtrailCalls = []call{
	{name: "CreateTrail", request: trailRequest, response: trailResponse},
	{name: "UpdateTrail", request: trailRequest, response: trailResponse},
	{name: "DeleteTrail", request: object{"name": "main"}},
	{name: "StartLogging", request: object{"name": "main"}},
	{name: "StopLogging", request: object{"name": "main"}},
}

var (
	trailRequest  = object{"name": "main", "s3BucketName": bucket, "isMultiRegionTrail": false}
	trailResponse = object{
		"name": "main", "s3BucketName": bucket, "isMultiRegionTrail": false, "includeGlobalServiceEvents": true,
		"isOrganizationTrail": false, "logFileValidationEnabled": false,
		"trailARN": "arn:aws:cloudtrail:us-east-1:" + Account + ":trail/main",
	}
)
