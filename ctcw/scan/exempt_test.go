package scan_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/scan"
)

func TestExemptMindsTheCase(t *testing.T) {
	exempt := scan.Exempt{
		"arn:aws:cloudtrail:*:111122223333:trail/audit": "goes to the SIEM",
		"arn:aws:cloudtrail:*:111122223333:trail/*":     "all of them",
		"arn:aws:cloudtrail:*:444455556666:trail/Data?": "data events",
	}
	for name, want := range map[string]string{
		"111122223333:trail/audit": "goes to the SIEM", "111122223333:trail/Audit": "all of them", "444455556666:trail/Data1": "data events",
		"444455556666:trail/data1": "", "444455556666:trail/DATA1": "", "777788889999:trail/audit": "",
	} {
		assert.Equal(t, want, exempt.Reason("arn:aws:cloudtrail:eu-west-1:"+name), name)
	}
}
