package delivery_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	aws "github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/account"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/verdict/delivery"
)

const (
	guard       = `test "$(aws sts get-caller-identity --query Account --output text --region eu-west-1)" = 111122223333 && `
	updateMain  = "aws cloudtrail update-trail --name arn:aws:cloudtrail:eu-west-1:111122223333:trail/main --region eu-west-1"
	otherGroup  = "arn:aws:logs:eu-central-1:999988887777:log-group:aws-cloudtrail-logs:*"
	ofNewGroup  = "'arn:aws:logs:eu-west-1:111122223333:log-group:aws-cloudtrail-logs-111122223333-main:*'"
	defaultRole = "arn:aws:iam::111122223333:role/CloudTrail_CloudWatchLogs_Role"
)

// made is how a log group is made.
func made(name, region string) string {
	return "( e=$( { aws logs create-log-group --log-group-name " + name + " --region " + region +
		" && aws logs put-retention-policy --log-group-name " + name + " --retention-in-days 365 --region " + region +
		`; } 2>&1 ) || case $e in *ResourceAlreadyExistsException*) ;; *) printf '%s\n' "$e" >&2; false;; esac )`
}

func TestRemediation(t *testing.T) {
	cases := []struct {
		name   string
		change func(*delivery.Facts)
		want   string
	}{
		{"nothing to do", func(*delivery.Facts) {}, ""},
		{"not readable: no command mends a denial", func(f *delivery.Facts) { f.Status = nil }, ""},
		{"stopped", stopped, guard + "aws cloudtrail start-logging --name arn:aws:cloudtrail:eu-west-1:111122223333:trail/main --region eu-west-1"},
		{"log group deleted", func(f *delivery.Facts) { f.LogGroup = delivery.LogGroupNotFound }, guard + made("aws-cloudtrail-logs", "eu-west-1")},
		{"log group of another account deleted: mended there", func(f *delivery.Facts) {
			f.LogGroup, f.Trail.LogGroupARN, f.Trail.LogGroupRegion = delivery.LogGroupNotFound, otherGroup, "eu-central-1"
		}, `test "$(aws sts get-caller-identity --query Account --output text --region eu-central-1)" = 999988887777 && ` + made("aws-cloudtrail-logs", "eu-central-1")},
		{"degraded: set the same values again", func(f *delivery.Facts) { f.Status.CloudWatchLogsError = "AccessDenied" },
			guard + updateMain + " --cloud-watch-logs-log-group-arn '" + groupARN + "' --cloud-watch-logs-role-arn arn:aws:iam::111122223333:role/to-logs"},
		{"not configured, no role", func(f *delivery.Facts) { noGroup(f); f.Trail.RoleARN = "" },
			guard + made("aws-cloudtrail-logs-111122223333-main", "eu-west-1") + " && " + updateMain +
				" --cloud-watch-logs-log-group-arn " + ofNewGroup + " --cloud-watch-logs-role-arn " + defaultRole},
		{"no trail in GovCloud", func(f *delivery.Facts) { noTrail(f); f.Partition = "aws-us-gov" },
			`: "${BUCKET:?set BUCKET to the name of a bucket of yours that CloudTrail may write to}" && ` +
				`test "$(aws sts get-caller-identity --query Account --output text --region us-gov-west-1)" = 111122223333 && ` +
				made("aws-cloudtrail-logs-111122223333-management-events", "us-gov-west-1") +
				` && ( e=$( { aws cloudtrail create-trail --name management-events --s3-bucket-name="$BUCKET"` +
				" --is-multi-region-trail --enable-log-file-validation --region us-gov-west-1" +
				" --cloud-watch-logs-log-group-arn 'arn:aws-us-gov:logs:us-gov-west-1:111122223333:log-group:aws-cloudtrail-logs-111122223333-management-events:*'" +
				" --cloud-watch-logs-role-arn arn:aws-us-gov:iam::111122223333:role/CloudTrail_CloudWatchLogs_Role" +
				`; } 2>&1 ) || case $e in *TrailAlreadyExistsException*) ;; *) printf '%s\n' "$e" >&2; false;; esac )` +
				" && aws cloudtrail start-logging --name management-events --region us-gov-west-1"},
		{"only the owner can mend an organization trail", func(f *delivery.Facts) { f.Trail.OwnerAccountID = owner; stopped(f) }, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			f := delivering()
			c.change(&f)
			assert.Equal(t, c.want, delivery.Of(f).Remediation)
		})
	}
}

// TestTheCommandsOfControlsAreForOneAccountToo: check --fix shows them below a finding.
func TestTheCommandsOfControlsAreForOneAccountToo(t *testing.T) {
	assert.Equal(t, guard+made("-g", "eu-west-1"), strings.ReplaceAll(delivery.CreateLogGroup(account, "-g", "eu-west-1"), "--log-group-name=-g", "--log-group-name -g"))
	for days, want := range map[float64]string{
		364.5: "put-retention-policy --log-group-name g --retention-in-days 365 --region eu-west-1",
		3654:  "delete-retention-policy --log-group-name g --region eu-west-1",
	} {
		assert.Equal(t, guard+"aws logs "+want, delivery.KeepLogGroup(account, "g", "eu-west-1", days))
	}
}

// broken is one of each kind of fault that has a remediation.
var broken = map[string]func(*delivery.Facts){
	"stopped":                  stopped,
	"log group deleted":        func(f *delivery.Facts) { f.LogGroup = delivery.LogGroupNotFound },
	"degraded":                 func(f *delivery.Facts) { f.Status.CloudWatchLogsError = "AccessDenied" },
	"not configured":           noGroup,
	"no trail":                 noTrail,
	"log group of another one": func(f *delivery.Facts) { f.LogGroup, f.Trail.LogGroupARN = delivery.LogGroupNotFound, otherGroup },
}

// TestRemediationsDoNothingInAnotherAccount: whoever pastes one may be signed in anywhere.
func TestRemediationsDoNothingInAnotherAccount(t *testing.T) {
	for name, change := range broken {
		f := delivering()
		change(&f)
		meant := account
		if name == "log group of another one" {
			meant = owner
		}
		for _, caller := range []string{"222222222222", "", meant + "0"} {
			commands, err := paste(t, delivery.Of(f).Remediation, "CALLER="+caller, "BUCKET=mine")
			assert.Error(t, err, name)
			assert.Empty(t, commands, "%s as %s", name, caller)
		}
		commands, err := paste(t, delivery.Of(f).Remediation, "CALLER="+meant, "BUCKET=mine")
		assert.NoError(t, err, name)
		assert.NotEmpty(t, commands, name)
	}
}

func TestTheBucketIsTheReadersToGive(t *testing.T) {
	f := delivering()
	noTrail(&f)
	text := delivery.Of(f).Remediation
	commands, err := paste(t, text, "CALLER="+account)
	assert.Error(t, err)
	assert.Empty(t, commands, "nothing before it is named")
	commands, err = paste(t, text, "CALLER="+account, "BUCKET=-my bucket")
	require.NoError(t, err)
	assert.Contains(t, commands[2], "--s3-bucket-name=-my bucket")
	assert.NotContains(t, text, "logs-"+account+" ", "no name that anyone could guess and register")
}

// TestRemediationsTolerateOnlyWhatTheyMade: the second time, the log group and the trail are there.
func TestRemediationsTolerateOnlyWhatTheyMade(t *testing.T) {
	f := delivering()
	noTrail(&f)
	text := delivery.Of(f).Remediation
	env := []string{"CALLER=" + account, "BUCKET=mine"}
	names := func(fail ...string) (verbs []string, err error) {
		commands, err := paste(t, text, append(env, fail...)...)
		for _, c := range commands {
			verbs = append(verbs, c[1])
		}
		return verbs, err
	}
	verbs, err := names()
	require.NoError(t, err)
	assert.Equal(t, []string{"create-log-group", "put-retention-policy", "create-trail", "start-logging"}, verbs)

	verbs, err = names("FAIL_create_log_group=ResourceAlreadyExistsException", "FAIL_create_trail=TrailAlreadyExistsException")
	require.NoError(t, err)
	assert.Equal(t, []string{"create-log-group", "create-trail", "start-logging"}, verbs, "a log group that is there keeps its retention: a shorter one would delete events")

	for _, fail := range []string{"FAIL_create_log_group=AccessDeniedException", "FAIL_put_retention_policy=ResourceNotFoundException",
		"FAIL_create_trail=S3BucketDoesNotExistException", "FAIL_create_trail=ResourceAlreadyExistsException", "FAIL_start_logging=TrailNotFoundException"} {
		verbs, err := names(fail)
		var exit *exec.ExitError
		require.ErrorAs(t, err, &exit, fail)
		assert.Contains(t, string(exit.Stderr), fail[strings.Index(fail, "=")+1:], "the reader is told")
		failed := strings.ReplaceAll(fail[len("FAIL_"):strings.Index(fail, "=")], "_", "-")
		assert.Equal(t, failed, verbs[len(verbs)-1], "nothing after it")
	}
}

// TestRemediationIsSafeToPaste gives a real shell remediations made of hostile values, and looks at the words that the
// commands would get.
func TestRemediationIsSafeToPaste(t *testing.T) {
	const hostile = `a b'$(touch pwned)"; rm -rf * #` + "`id`\n\\ !! $HOME %s"
	f := delivering()
	stopped(&f)
	f.Trail.ARN, f.Trail.HomeRegion = hostile, "-eu"
	commands, err := paste(t, delivery.Of(f).Remediation, "CALLER="+account)
	require.NoError(t, err)
	assert.Equal(t, [][]string{{"cloudtrail", "start-logging", "--name", hostile, "--region=-eu"}}, commands)

	f = delivering()
	f.LogGroup, f.Trail.LogGroupName = delivery.LogGroupNotFound, "-"+hostile
	commands, err = paste(t, delivery.Of(f).Remediation, "CALLER="+account)
	require.NoError(t, err)
	assert.Equal(t, []string{"logs", "create-log-group", "--log-group-name=-" + hostile, "--region", "eu-west-1"}, commands[0])

	f.Trail.LogGroupARN = "arn:aws:logs:eu-west-1:$(touch pwned):log-group:x"
	commands, err = paste(t, delivery.Of(f).Remediation, "CALLER=$(touch pwned)")
	require.NoError(t, err)
	assert.Len(t, commands, 2)
}

// TestATrailIsMadeInARegionOfItsPartition: no other partition knows it, nor the credentials.
func TestATrailIsMadeInARegionOfItsPartition(t *testing.T) {
	for partition, region := range map[string]string{
		"aws": "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1", "aws-eusc": "eusc-de-east-1",
		"aws-iso": "us-iso-east-1", "aws-iso-b": "us-isob-east-1", "aws-iso-e": "eu-isoe-west-1", "aws-iso-f": "us-isof-south-1",
	} {
		assert.True(t, aws.IsRegion(region), region)
		f := delivering()
		noTrail(&f)
		f.Partition = partition
		text := delivery.Of(f).Remediation
		assert.Equal(t, 5, strings.Count(text, "--region "+region), "%s: %s", partition, text)
		assert.Equal(t, 5, strings.Count(text, "--region "), text)
		assert.Equal(t, 2, strings.Count(text, "arn:"+partition+":"), text)
	}
}

func stopped(f *delivery.Facts) { f.Status.Logging = false }

// paste gives a text to the shells that there are, and returns the words of each aws command but that of the guard. The
// environment says who calls, and what fails with which code.
func paste(t *testing.T, text string, env ...string) ([][]string, error) {
	t.Helper()
	const stub = `aws() {
	if [ "$1" = sts ]; then printf '%s\n' "$CALLER"; return; fi
	{ printf '%s\001' "$@"; printf '\002'; } >> words
	eval "fail=\${FAIL_$(printf %s "$2" | tr - _)-}"
	[ -z "$fail" ] || { echo "An error occurred ($fail) when calling an operation: 100%s \\n" >&2; return 254; }
}
`
	type result struct {
		commands [][]string
		err      error
	}
	var results []result
	for _, name := range []string{"sh", "bash", "zsh"} {
		shell, err := exec.LookPath(name)
		if err != nil {
			continue
		}
		dir := t.TempDir()
		cmd := exec.Command(shell, "-c", stub+text)
		cmd.Dir, cmd.Env = dir, append([]string{"PATH=/usr/bin:/bin", "HOME=" + dir}, env...)
		_, err = cmd.Output()
		left, readErr := os.ReadDir(dir)
		require.NoError(t, readErr)
		var words []byte
		for _, file := range left {
			assert.Equal(t, "words", file.Name(), "%s: nothing else was run", name)
			words, readErr = os.ReadFile(filepath.Join(dir, file.Name()))
			require.NoError(t, readErr)
		}
		var commands [][]string
		for _, command := range strings.Split(strings.TrimSuffix(string(words), "\002"), "\002") {
			if command != "" {
				commands = append(commands, strings.Split(strings.TrimSuffix(command, "\001"), "\001"))
			}
		}
		results = append(results, result{commands, err})
	}
	if results == nil {
		t.Skip("SKIPPED: no shell on PATH")
	}
	for _, r := range results[1:] {
		assert.Equal(t, results[0].commands, r.commands, "every shell does the same")
	}
	return results[0].commands, results[0].err
}
