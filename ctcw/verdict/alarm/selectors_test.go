package alarm_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/verdict/alarm"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/verdict/event"
)

func basic(rw string, exclude ...string) alarm.BasicSelector {
	return alarm.BasicSelector{ReadWriteType: rw, IncludeManagementEvents: true, ExcludeManagementEventSources: exclude}
}

func advanced(fields ...alarm.FieldSelector) alarm.AdvancedSelector {
	return alarm.AdvancedSelector{Fields: append([]alarm.FieldSelector{{Field: "eventCategory", Equals: []string{"Management"}}}, fields...)}
}

// TestSelectors: which classes a trail leaves out. A read-only trail leaves out all that changes something; a
// write-only one leaves out the denied and the root user's calls that read.
func TestSelectors(t *testing.T) {
	var (
		all      []string // none is left out
		reads    = []string{"unauthorized_api_calls", "root_usage"}
		kms      = []string{"kms_key_deletion"}
		everyone = func() (names []string) {
			for _, c := range event.Classes() {
				names = append(names, c.Name)
			}
			return names
		}()
		dataOnly = alarm.AdvancedSelector{Fields: []alarm.FieldSelector{
			{Field: "eventCategory", Equals: []string{"Data"}}, {Field: "resources.type", Equals: []string{"AWS::S3::Object"}},
		}}
	)
	cases := []struct {
		name      string
		selectors alarm.Selectors
		kind      string // management_events
		leftOut   []string
		unknown   []string
	}{
		{"none set: CloudTrail's default", alarm.Selectors{}, "All", all, nil},
		{"basic: all", alarm.Selectors{Basic: []alarm.BasicSelector{basic("All")}}, "All", all, nil},
		{"basic: AWS's default for the type", alarm.Selectors{Basic: []alarm.BasicSelector{basic("")}}, "All", all, nil},
		{"basic: read only", alarm.Selectors{Basic: []alarm.BasicSelector{basic("ReadOnly")}}, "ReadOnly", everyone, nil},
		{"basic: write only", alarm.Selectors{Basic: []alarm.BasicSelector{basic("WriteOnly")}}, "WriteOnly", reads, nil},
		{"basic: read and write in two", alarm.Selectors{Basic: []alarm.BasicSelector{basic("ReadOnly"), basic("WriteOnly")}}, "All", all, nil},
		{"basic: no management events", alarm.Selectors{Basic: []alarm.BasicSelector{{ReadWriteType: "All"}}}, "None", everyone, nil},
		{"basic: data events in one, management events in another", alarm.Selectors{Basic: []alarm.BasicSelector{{ReadWriteType: "All"}, basic("All")}}, "All", all, nil},
		{"basic: KMS excluded", alarm.Selectors{Basic: []alarm.BasicSelector{basic("All", "kms.amazonaws.com")}}, "All", kms, nil},
		{"basic: RDS data excluded", alarm.Selectors{Basic: []alarm.BasicSelector{basic("All", "rdsdata.amazonaws.com")}}, "All", all, nil},
		{"basic: KMS excluded, but not from another", alarm.Selectors{Basic: []alarm.BasicSelector{basic("All", "kms.amazonaws.com"), basic("WriteOnly")}}, "All", all, nil},
		{"basic: KMS excluded, reads of it not", alarm.Selectors{Basic: []alarm.BasicSelector{basic("All", "kms.amazonaws.com"), basic("ReadOnly")}}, "All", kms, nil},
		{"advanced: all", alarm.Selectors{Advanced: []alarm.AdvancedSelector{advanced()}}, "All", all, nil},
		{"advanced: read only", alarm.Selectors{Advanced: []alarm.AdvancedSelector{advanced(alarm.FieldSelector{Field: "readOnly", Equals: []string{"true"}})}}, "ReadOnly", everyone, nil},
		{"advanced: write only", alarm.Selectors{Advanced: []alarm.AdvancedSelector{advanced(alarm.FieldSelector{Field: "readOnly", Equals: []string{"false"}})}}, "WriteOnly", reads, nil},
		{"advanced: read and write in two", alarm.Selectors{Advanced: []alarm.AdvancedSelector{
			advanced(alarm.FieldSelector{Field: "readOnly", Equals: []string{"true"}}),
			advanced(alarm.FieldSelector{Field: "readOnly", Equals: []string{"false"}}),
		}}, "All", all, nil},
		{"advanced: data events only", alarm.Selectors{Advanced: []alarm.AdvancedSelector{dataOnly}}, "None", everyone, nil},
		{"advanced: data and management events", alarm.Selectors{Advanced: []alarm.AdvancedSelector{dataOnly, advanced()}}, "All", all, nil},
		{"advanced: KMS excluded", alarm.Selectors{Advanced: []alarm.AdvancedSelector{advanced(alarm.FieldSelector{Field: "eventSource", NotEquals: []string{"kms.amazonaws.com", "rdsdata.amazonaws.com"}})}}, "All", kms, nil},
		{"advanced: KMS excluded by its beginning", alarm.Selectors{Advanced: []alarm.AdvancedSelector{advanced(alarm.FieldSelector{Field: "eventSource", NotStartsWith: []string{"kms."}})}}, "All", kms, nil},
		{"advanced: some sources only", alarm.Selectors{Advanced: []alarm.AdvancedSelector{advanced(alarm.FieldSelector{Field: "eventSource", Equals: []string{"kms.amazonaws.com"}, EndsWith: []string{".example"}})}}, "All",
			without1(everyone, "kms_key_deletion"), nil},
		{"advanced: sources that end alike", alarm.Selectors{Advanced: []alarm.AdvancedSelector{advanced(alarm.FieldSelector{Field: "eventSource", EndsWith: []string{".amazonaws.com"}})}}, "All", all, nil},
		{"advanced: one event left out", alarm.Selectors{Advanced: []alarm.AdvancedSelector{advanced(alarm.FieldSelector{Field: "eventName", NotEquals: []string{"StopLogging"}})}}, "All", []string{"cloudtrail_changes"}, nil},
		{"advanced: an event that is only named left out", alarm.Selectors{Advanced: []alarm.AdvancedSelector{advanced(alarm.FieldSelector{Field: "eventName", NotEquals: []string{"ModifySecurityGroupRules"}})}}, "All", all, nil},
		{"advanced: API calls only", alarm.Selectors{Advanced: []alarm.AdvancedSelector{advanced(alarm.FieldSelector{Field: "eventType", Equals: []string{"AwsApiCall"}})}}, "All",
			[]string{"console_sign_in_without_mfa", "root_usage", "console_authentication_failures"}, nil},
		{"advanced: roles left out", alarm.Selectors{Advanced: []alarm.AdvancedSelector{advanced(alarm.FieldSelector{Field: "userIdentity.arn", NotStartsWith: []string{"arn:aws:sts::"}})}}, "All",
			without1(everyone, "console_sign_in_without_mfa", "root_usage", "console_authentication_failures"), nil},
		{"advanced: one robot left out", alarm.Selectors{Advanced: []alarm.AdvancedSelector{advanced(alarm.FieldSelector{Field: "userIdentity.arn", NotEndsWith: []string{"/robot"}})}}, "All", all, nil},
		{"advanced: a field that is not understood", alarm.Selectors{Advanced: []alarm.AdvancedSelector{advanced(alarm.FieldSelector{Field: "sessionCredentialFromConsole", Equals: []string{"true"}})}}, "All", nil, everyone},
		{"advanced: a field that is not understood, beside one that takes all", alarm.Selectors{Advanced: []alarm.AdvancedSelector{
			advanced(alarm.FieldSelector{Field: "sessionCredentialFromConsole", Equals: []string{"true"}}), advanced(),
		}}, "All", all, nil},
		{"could not be read", alarm.Selectors{Error: "AccessDeniedException: denied"}, "", nil, everyone},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var leftOut, unknown []string
			for _, class := range event.Classes() {
				f := monitored(class)
				f.selectors = c.selectors
				v := f.verdict(class)
				assert.Equal(t, c.kind, v.ManagementEvents)
				switch v.Status {
				case alarm.NotRecorded:
					leftOut = append(leftOut, class.Name)
				case alarm.Unknown:
					unknown = append(unknown, class.Name)
				default:
					assert.Equal(t, alarm.Monitored, v.Status, v.Reason)
				}
				sound(t, v)
			}
			assert.Equal(t, c.leftOut, leftOut)
			assert.Equal(t, c.unknown, unknown)
		})
	}
}

func without1(names []string, out ...string) (rest []string) {
	for _, n := range names {
		keep := true
		for _, o := range out {
			keep = keep && n != o
		}
		if keep {
			rest = append(rest, n)
		}
	}
	return rest
}

func TestReasonOfWhatIsNotRecorded(t *testing.T) {
	kms := event.ByName("kms_key_deletion")
	f := monitored(kms)
	f.selectors.Basic[0].ExcludeManagementEventSources = []string{"kms.amazonaws.com"}
	assert.Equal(t, "Trail main does not record DisableKey, ScheduleKeyDeletion: its event selectors say so, they leave out kms.amazonaws.com.",
		f.verdict(kms).Reason)

	f = monitored(class)
	f.selectors.Basic[0].ReadWriteType = "ReadOnly"
	assert.Contains(t, f.verdict(class).Reason, "of the management events they record ReadOnly.")

	f = monitored(class)
	f.selectors = alarm.Selectors{Advanced: []alarm.AdvancedSelector{advanced(alarm.FieldSelector{Field: "eventName", NotEquals: []string{"StopLogging"}})}}
	assert.Equal(t, "Trail main does not record StopLogging: its event selectors say so, they narrow the management events.", f.verdict(class).Reason)
	assert.Equal(t, []string{"StopLogging"}, f.verdict(class).MissingEvents)

	c := event.ByName("security_group_changes")
	f = monitored(c)
	f.selectors = alarm.Selectors{Advanced: []alarm.AdvancedSelector{advanced(alarm.FieldSelector{Field: "eventName", NotEquals: []string{"ModifySecurityGroupRules"}})}}
	assert.Equal(t, []string{"ModifySecurityGroupRules"}, f.verdict(c).MissingEvents)
}

func TestSelectorsThatWereNotRead(t *testing.T) {
	f := monitored(class)
	v := f.verdict(class)
	assert.Equal(t, alarm.Monitored, v.Status)
	f.Recording = nil
	v = alarm.Of(f.Facts, class)
	assert.Equal(t, alarm.Unknown, v.Status)
	assert.Equal(t, "The trail's event selectors were not read.", v.Reason)
	assert.Empty(t, v.ManagementEvents)
}
