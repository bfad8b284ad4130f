package loggroup_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/awserr"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/loggroup"
)

func FuzzLogGroupARN(f *testing.F) {
	for _, s := range []string{
		"", "arn", "arn:aws:logs:eu-west-1:111122223333:log-group:trail-logs:*", "arn:aws-cn:logs:cn-north-1:111122223333:log-group:a/b.c_d-e#f",
		"arn:aws:logs:eu-west-1:111122223333:log-group::*", "arn:aws:logs:::log-group:x", "arn:aws:s3:::bucket", "arn:aws:logs:eu-west-1:1:log-group:x:log-stream:y",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		ref, err := loggroup.ParseARN(s)
		if err != nil {
			if ref != (loggroup.Ref{}) || awserr.Code(err) != awserr.CodeInvalidResponse || strings.Contains(awserr.Text(err), "\n") {
				t.Fatalf("%q: %v, %v", s, ref, err)
			}
			return
		}
		if ref.Name == "" || ref.Region == "" || ref.AccountID == "" || strings.Contains(ref.Name, ":") {
			t.Fatalf("%q: %+v", s, ref)
		}
		again := fmt.Sprintf("arn:aws:logs:%s:%s:log-group:%s", ref.Region, ref.AccountID, ref.Name)
		for _, arn := range []string{again, again + ":*"} {
			if got, err := loggroup.ParseARN(arn); err != nil || got != ref {
				t.Fatalf("%q became %q, which is %+v, %v", s, arn, got, err)
			}
		}
	})
}
