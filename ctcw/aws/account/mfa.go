package account

import (
	"cmp"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/base/operator"
)

// codeError says why there is no code of MFA, and what to do.
type codeError struct{ text string }

func (e *codeError) Error() string { return e.text }

// askForCode has a role assumed with a code that the operator is asked for, for as long as every role allows: the
// SDK's quarter of an hour would have them asked again in a long scan.
func askForCode(who operator.Operator, base *aws.Config, o *stscreds.AssumeRoleOptions) {
	device := aws.ToString(o.SerialNumber)
	o.Duration = cmp.Or(o.Duration, time.Hour)
	o.TokenProvider = func() (string, error) {
		code, err := who.Ask(fmt.Sprintf("Enter the MFA code of %s: ", device))
		switch {
		case errors.Is(err, operator.ErrNobody):
			profile := profileIn(*base).Profile
			return "", &codeError{fmt.Sprintf(`profile %q needs an MFA code (of %s), and %v: sign in with "aws sts get-caller-identity --profile %s", and name a profile that has credential_process = aws configure export-credentials --profile %s`,
				profile, device, err, profile, profile)}
		case err != nil:
			return "", &codeError{fmt.Sprintf("there is no MFA code of %s: %s", device, err)}
		case code == "":
			return "", &codeError{fmt.Sprintf("no MFA code of %s was entered", device)}
		}
		return code, nil
	}
}
