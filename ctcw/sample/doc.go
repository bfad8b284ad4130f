// Package sample is the sample organization: an AWS endpoint on loopback that speaks as AWS does.
//
// It serves made-up accounts, trails, log groups, alarms and topics through the real wire protocols of CloudTrail, CloudWatch
// Logs, CloudWatch, SNS, Organizations, STS and EC2, so that the AWS SDKs and the aws command line work against it unchanged. The demo, the tests, the
// fault-injection tests and the benchmarks all run on it, which is why it is as strict as AWS where strictness matters
// (signatures, session tokens, regions, permissions, names versus ARNs) and can misbehave on demand where AWS might (Fault).
//
//	org := sample.Demo(time.Now())
//	server := sample.New(org)
//	if err := server.Start(); err != nil { … }
//	defer server.Close()
//	cfg.BaseEndpoint = aws.String(server.URL())
//
// # How a request finds its account and region
//
// One address serves every service, region and account. As in AWS, the credential scope of the signature names the region and
// the service, and the access key id names the account. AssumeRole hands out temporary keys for another account.
//
// # Where it differs from AWS
//
//   - The host name does not matter, nor does the time in the signature unless WithSignatureTimes says so.
//   - Nothing is throttled unless WithQuotas says so.
//   - Organizations answers whatever region the request is signed for, as a client with a custom endpoint has no better one.
//   - Only the operations that ctcw calls exist; every other one is answered as AWS answers an operation it does not know.
//   - Account.Regions may leave out regions that AWS would never let an account disable, to keep test data small. CloudTrail and
//     CloudWatch Logs then treat these as not enabled, while STS and EC2 go on answering there.
package sample
