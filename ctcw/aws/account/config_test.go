package account

import (
	"errors"
	"testing"
	"time"

	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestValidateSaysWhatIsWrong(t *testing.T) {
	cases := map[string]Config{
		"regions is empty":               {Regions: []string{}},
		"regions holds an empty string":  {Regions: []string{"eu-*", ""}},
		"go together":                    {AccessKey: "AKIA"},
		"session_token needs":            {SessionToken: "t"},
		"endpoint_url is not a URL":      {EndpointURL: "localhost:4566"},
		"ignore_error_messages":          {IgnoreMessages: []string{"("}},
		"accounts is empty":              {Accounts: []string{}, RoleName: "r"},
		"accounts needs role_name":       {Accounts: []string{"*"}},
		"external_id, role_session_name": {ExternalID: "x"},
		"role_name is an ARN":            {Accounts: []string{"*"}, RoleName: "arn:aws:iam::111122223333:role/r"},
		"must not hold an empty string":  {Accounts: []string{"*"}, SkipAccounts: []string{""}, RoleName: "r"},
	}
	for want, config := range cases {
		assert.ErrorContains(t, config.Validate(), want)
	}
	assert.NoError(t, Config{}.Validate())
}

func TestErrorText(t *testing.T) {
	denied := &smithy.GenericAPIError{Code: "AccessDeniedException", Message: "not\nauthorized"}
	assert.Equal(t, "AccessDeniedException: not authorized", Config{}.ErrorText(denied))
	assert.Empty(t, Config{}.ErrorText(nil))
	assert.Empty(t, Config{IgnoreCodes: []string{"AccessDeniedException"}}.ErrorText(denied))
	assert.Empty(t, Config{IgnoreMessages: []string{"not auth.*"}}.ErrorText(denied))
	assert.Equal(t, "RequestError: boom", Config{IgnoreMessages: []string{"other"}}.ErrorText(errors.New("boom")))
}

func TestSelectRegions(t *testing.T) {
	enabled := []Region{{Name: "us-east-1"}, {Name: "eu-west-1"}, {Name: "eu-west-2"}, {Name: "xx-new-1"}}
	names := func(patterns ...string) []string {
		config := Config{Regions: patterns}
		require.NoError(t, config.checkRegions("aws", enabled))
		var names []string
		selected, leftOut := config.selectRegions(enabled)
		assert.Len(t, leftOut, len(enabled)-len(selected))
		for _, r := range selected {
			names = append(names, r.Name)
		}
		return names
	}
	assert.Equal(t, []string{"eu-west-1", "eu-west-2", "us-east-1", "xx-new-1"}, names(), "no patterns: all, sorted")
	assert.Equal(t, []string{"eu-west-1", "eu-west-2"}, names("EU-*"), "case does not count")
	assert.Equal(t, []string{"eu-west-2", "us-east-1"}, names("eu-????-2", "us-east-1"))
	assert.Equal(t, []string{"xx-new-1"}, names("xx-new-1"), "a region younger than this program")
	assert.Empty(t, names("me-south-1"), "known, but not enabled")

	err := Config{Regions: []string{"eu-wst-1"}}.checkRegions("aws", enabled)
	assert.EqualError(t, err, `regions: "eu-wst-1" matches no region of partition aws (did you mean "eu-west-1"?)`)
	err = Config{Regions: []string{"us-gov-*"}}.checkRegions("aws", enabled)
	assert.EqualError(t, err, `regions: "us-gov-*" matches no region of partition aws`)
}

func TestKnownRegions(t *testing.T) {
	standard, optIn := 0, 0
	for _, r := range knownRegions("aws") {
		if r.MaybeDisabled {
			optIn++
		} else {
			standard++
		}
	}
	assert.Equal(t, 17, standard)
	assert.Positive(t, optIn)
	assert.Len(t, knownRegions("aws-us-gov"), 2)
	assert.Len(t, knownRegions("aws-cn"), 2)
}

func TestGuessRegion(t *testing.T) {
	assert.Equal(t, "us-east-1", Config{}.guessRegion())
	assert.Equal(t, "us-gov-west-1", Config{Regions: []string{"us-gov-*"}}.guessRegion())
	assert.Equal(t, "cn-north-1", Config{Regions: []string{"cn-northwest-1"}}.guessRegion())
}

func TestBackoffGrowsToItsLimit(t *testing.T) {
	c := Config{MinRetryDelay: 40 * time.Millisecond}
	for attempt, limit := range []time.Duration{40, 80, 160, 320} {
		d := c.backoff(attempt, 2)
		assert.GreaterOrEqual(t, d, limit*time.Millisecond/2)
		assert.LessOrEqual(t, d, limit*time.Millisecond)
	}
	assert.LessOrEqual(t, c.backoff(1000, 1.5), maxRetryDelay)
}
