package sample

import (
	"cmp"
	"encoding/json"
	"iter"
	"slices"
	"strings"
	"time"
)

// index is an organization made ready to be served: looked up by key, and with the JSON of every resource written out once.
// It shares nothing that can change with the Organization it was made from, so requests read it without a lock while Update
// makes the next one.
type index struct {
	partition  string
	id         string // of the organization
	management *member
	admins     []string

	byID  map[string]*member
	byKey map[string]*member
	// listed are the members of the organization, as ListAccounts shows them.
	listed []json.RawMessage
	// organizationTrails are those of the management account, which its members see as well.
	organizationTrails []*trail
}

// member is an account in the index, whether or not it is a member of the organization.
type member struct {
	id, name, email string
	keyID, secret   string
	userARN, userID string

	active     bool
	standalone bool
	covered    bool // by organization trails
	orgStatus  OrganizationTrailStatus

	enabled map[string]bool // shared by the accounts that have what is enabled by default
	trails  []*trail
	groups  map[string][]group // by region, sorted by name
	denied  []Denial
	roles   []Role

	alarms    map[string][]alarm    // by region, sorted by name
	muteRules map[string][]MuteRule // by region, sorted by name
	topics    map[string]*Topic     // by ARN
}

// trail is a trail in the index.
type trail struct {
	name, arn, home, owner string
	multiRegion            bool
	organization           bool

	description, status, selectors, tags json.RawMessage
	// regionStatus is the status in the regions where it is another.
	regionStatus map[string]json.RawMessage
}

// group is a log group in the index.
type group struct {
	LogGroup
	description json.RawMessage
	filters     []*metricFilter // sorted by name
	streams     *streams
}

// newIndex makes an organization ready to be served.
func newIndex(org *Organization) *index {
	x := &index{
		partition: org.partition(),
		id:        org.ID,
		admins:    slices.Clone(org.DelegatedAdmins),
		byID:      make(map[string]*member, len(org.Accounts)),
		byKey:     make(map[string]*member, len(org.Accounts)),
	}
	for _, a := range org.Accounts {
		m := newMember(org, a)
		x.byID[m.id] = m
		x.byKey[m.keyID] = m
	}
	x.management = x.byID[org.Management]
	if x.management == nil {
		return x
	}
	for _, t := range x.management.trails {
		if t.organization {
			x.organizationTrails = append(x.organizationTrails, t)
		}
	}
	for _, a := range org.Accounts {
		if !a.Standalone {
			x.listed = append(x.listed, marshal(describeAccount(org, a)))
		}
	}
	return x
}

func newMember(org *Organization, a *Account) *member {
	partition := org.partition()
	enabled := enabledByDefaultIn[partition]
	if a.Regions != nil {
		enabled = setOf(a.Regions)
	}
	m := &member{
		id:         a.ID,
		name:       a.Name,
		email:      a.Email,
		keyID:      a.AccessKeyID,
		secret:     a.SecretAccessKey,
		userARN:    "arn:" + partition + ":iam::" + a.ID + ":user/ctcw",
		userID:     "AIDASAMP" + a.ID,
		active:     a.Status != statusSuspended,
		standalone: a.Standalone,
		covered:    !a.Standalone && !a.BeforeOrganizationTrails && a.ID != org.Management,
		orgStatus:  a.OrganizationTrailStatus,
		enabled:    enabled,
		groups:     make(map[string][]group),
		denied:     slices.Clone(a.Denied),
		roles:      slices.Clone(a.Roles),
		alarms:     indexAlarms(org, a),
		muteRules:  indexMuteRules(a),
		topics:     indexTopics(org, a),
	}
	for i := range m.roles {
		m.roles[i].TrustedAccounts = slices.Clone(m.roles[i].TrustedAccounts)
	}
	for _, t := range a.Trails {
		m.trails = append(m.trails, newTrail(org, a, t))
	}
	for _, g := range a.LogGroups {
		m.groups[g.Region] = append(m.groups[g.Region], newGroup(org, a, g))
	}
	for _, groups := range m.groups {
		slices.SortFunc(groups, func(a, b group) int { return cmp.Compare(a.Name, b.Name) })
	}
	return m
}

func newTrail(org *Organization, a *Account, t *Trail) *trail {
	arn := org.TrailARN(a.ID, t.HomeRegion, t.Name)
	var regional map[string]json.RawMessage
	if len(t.RegionStatus) > 0 {
		regional = make(map[string]json.RawMessage, len(t.RegionStatus))
	}
	for region, status := range t.RegionStatus {
		regional[region] = marshal(describeStatus(&status))
	}
	return &trail{
		name:         t.Name,
		arn:          arn,
		home:         t.HomeRegion,
		owner:        a.ID,
		multiRegion:  t.MultiRegion,
		organization: t.Organization,
		description:  marshal(describeTrail(arn, t)),
		status:       marshal(describeStatus(&t.Status)),
		regionStatus: regional,
		selectors:    marshal(describeSelectors(arn, t)),
		tags:         marshal(describeTags(arn, t.Tags)),
	}
}

func newGroup(org *Organization, a *Account, g *LogGroup) group {
	n := group{LogGroup: *g, description: marshal(describeGroup(org, a, g)), filters: indexFilters(g), streams: indexStreams(g)}
	// These are the organization's, which may change.
	n.MetricFilters, n.Streams = nil, nil
	return n
}

// inOrganization tells whether the account is a member of the organization.
func (x *index) inOrganization(m *member) bool {
	return x.management != nil && !m.standalone
}

// administers tells whether the account may list the organization and assume roles in it by default.
func (x *index) administers(m *member) bool {
	return x.inOrganization(m) && (m == x.management || slices.Contains(x.admins, m.id))
}

// visible are the trails that DescribeTrails shows an account in a region. The ones at home in another region and the ones of
// another account are shadows.
func (x *index) visible(m *member, region string, shadows bool) iter.Seq[*trail] {
	return func(yield func(*trail) bool) {
		for _, t := range m.trails {
			if (t.home == region || shadows && t.multiRegion) && !yield(t) {
				return
			}
		}
		if !shadows || !m.covered {
			return
		}
		for _, t := range x.organizationTrails {
			if (t.home == region || t.multiRegion) && !yield(t) {
				return
			}
		}
	}
}

// own finds the account's own trail of that name at home in the region, which is all that a plain name can mean.
func (m *member) own(region, name string) *trail {
	for _, t := range m.trails {
		if t.home == region && t.name == name {
			return t
		}
	}
	return nil
}

// denial finds what forbids an action in a region.
func (m *member) denial(action, region string) (Denial, bool) {
	for _, d := range m.denied {
		if match(d.Action, action) && match(d.Region, region) {
			return d, true
		}
	}
	return Denial{}, false
}

// role finds a role by its name and path.
func (m *member) role(name string) (Role, bool) {
	for _, r := range m.roles {
		if r.Name == name {
			return r, true
		}
	}
	return Role{}, false
}

// match tells whether a glob matches all of s. Like those of IAM policies it knows * and ?, and an empty one matches everything.
func match(glob, s string) bool {
	if glob == "" || glob == "*" || glob == s {
		return true
	}
	for glob != "" {
		switch glob[0] {
		case '*':
			rest := strings.TrimLeft(glob, "*")
			for i := 0; i <= len(s); i++ {
				if rest == "" || match(rest, s[i:]) {
					return true
				}
			}
			return false
		case '?':
			if s == "" {
				return false
			}
		default:
			if s == "" || s[0] != glob[0] {
				return false
			}
		}
		glob, s = glob[1:], s[1:]
	}
	return s == ""
}

// epoch is a time as JSON 1.1 has it: seconds since 1970, with milliseconds behind the point.
type epoch time.Time

// IsZero makes omitzero leave out a time that is not set.
func (e epoch) IsZero() bool { return time.Time(e).IsZero() }

// MarshalJSON writes the seconds.
func (e epoch) MarshalJSON() ([]byte, error) {
	return json.Marshal(float64(time.Time(e).UnixMilli()) / 1000)
}

// marshal writes a value whose type cannot fail to be written.
func marshal(v any) json.RawMessage {
	text, err := json.Marshal(v)
	if err != nil {
		panic("sample: " + err.Error())
	}
	return text
}
