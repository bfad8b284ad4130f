package event

import "fmt"

// unauthorized are calls that were denied, with the error codes of different services. One of each pair
// reads: a trail of write events alone leaves it out.
func unauthorized() []Witness {
	const (
		unauthorizedOperation = "Client.UnauthorizedOperation"
		accessDenied          = "AccessDenied"
		accessDeniedException = "AccessDeniedException"
	)
	calls := []struct {
		code, source, name string
		read               bool
		request            object
	}{
		{unauthorizedOperation, ec2, "RunInstances", false, object{"instancesSet": items(object{"imageId": "ami-0abcdef1234567890", "minCount": 1, "maxCount": 1}), "instanceType": "t3.micro"}},
		{unauthorizedOperation, ec2, "DescribeSnapshots", true, object{"snapshotSet": object{}, "ownersSet": object{}, "filterSet": object{}}},
		{accessDenied, s3, "CreateBucket", false, object{"bucketName": bucket, "Host": "s3.us-east-1.amazonaws.com"}},
		{accessDenied, s3, "GetBucketPolicy", true, object{"bucketName": bucket, "Host": bucket + ".s3.amazonaws.com", "policy": ""}},
		{accessDeniedException, "lambda.amazonaws.com", "CreateFunction20150331", false, object{"functionName": "export", "runtime": "python3.13", "handler": "index.handler", "code": object{}}},
		{accessDeniedException, "ssm.amazonaws.com", "GetParameter", true, object{"name": "/payroll/password", "withDecryption": true}},
	}
	all := make([]Witness, 0, len(calls))
	for i, c := range calls {
		who := callers(c.source)[i%2]
		r := apiEvent(who, c.source, c.name, c.request, nil)
		dress(&r)
		r.ErrorCode, r.ReadOnly = c.code, c.read
		r.ErrorMessage = fmt.Sprintf("User: %s is not authorized to perform: %s:%s because no identity-based policy allows the action",
			who.identity.ARN, c.source[:len(c.source)-len(".amazonaws.com")], c.name)
		all = append(all, r.witness(c.code, who.shape, Required))
	}
	return all
}
