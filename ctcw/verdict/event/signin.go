package event

const browser = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/137.0.0.0 Safari/537.36"

// consoleLogin is a sign-in to the console. AWS records it in the region of the sign-in endpoint, that
// of the root user in us-east-1.
func consoleLogin(who identity, region, outcome, mfa string) record {
	r := record{
		EventVersion: "1.08", UserIdentity: who, EventTime: when, EventSource: signin, EventName: "ConsoleLogin",
		AWSRegion: region, SourceIPAddress: "192.0.2.44", UserAgent: browser,
		ResponseElements: object{"ConsoleLogin": outcome},
		AdditionalEventData: object{
			"LoginTo":       "https://console.aws.amazon.com/console/home?state=hashArgs%23&isauthcode=true",
			"MobileVersion": "No", "MFAUsed": mfa,
		},
		EventType: signIn, ManagementEvent: true, RecipientAccountID: Account, EventCategory: "Management",
		TLSDetails: &tls{"TLSv1.3", "TLS_AES_128_GCM_SHA256", "signin.aws.amazon.com"},
	}
	if outcome == "Failure" {
		r.ErrorMessage = "Failed authentication"
	}
	return r
}

// signingIn is who signs in: without an access key, and an IAM user whose sign-in failed without an ARN.
func signingIn(failed bool) identity {
	who := user()
	who.AccessKeyID = nil
	if failed {
		who.ARN, who.AccessKeyID = "", new(string)
	}
	return who
}

func withoutMFA() []Witness {
	all := make([]Witness, 0, 2)
	for _, region := range []string{"us-east-1", "eu-north-1"} {
		all = append(all, consoleLogin(signingIn(false), region, "Success", "No").witness("ConsoleLogin", "user in "+region, Required))
	}
	return all
}

// failures are sign-ins with a wrong password. Root fails like any other.
func failures() []Witness {
	all := make([]Witness, 0, 3)
	for _, region := range []string{"us-east-1", "eu-north-1"} {
		all = append(all, consoleLogin(signingIn(true), region, "Failure", "Yes").witness("ConsoleLogin", "user in "+region, Required))
	}
	return append(all, consoleLogin(root("", nil), globalRegion, "Failure", "Yes").witness("ConsoleLogin", "root in us-east-1", Required))
}

// rootUsage are calls with an access key and from the console, one that changes and one that reads, and
// a sign-in.
func rootUsage() []Witness {
	withKey := caller{
		"root with an access key", root("AKIAIOSFODNN7EXAMPLE", nil), "eu-central-1", "198.51.100.23", cli + "s3api.list-buckets",
	}
	read := apiEvent(withKey, s3, "ListBuckets", object{"Host": "s3.eu-central-1.amazonaws.com"}, nil)
	dress(&read)
	read.ReadOnly, read.Resources = true, nil

	inConsole := caller{
		"root in the console", root("ASIAIOSFODNN7EXAMPLE", sessionOf(nil, "true")), globalRegion, "192.0.2.44", browser,
	}
	write := apiEvent(inConsole, iam, "CreateAccessKey", nil, object{"accessKey": object{
		"accessKeyId": "AKIAI44QH8DHBEXAMPLE", "status": "Active", "createDate": "May 4, 2026, 9:12:41 AM",
	}})
	write.FromConsole = "true"

	return []Witness{
		write.witness(apiCall, inConsole.shape, Required),
		read.witness(apiCall, withKey.shape, Required),
		consoleLogin(root("", nil), globalRegion, "Success", "Yes").witness(signIn, "root in us-east-1", Required),
	}
}
