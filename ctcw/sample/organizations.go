package sample

import (
	"encoding/base64"
	"fmt"
	"strconv"
)

var organizations = newOrganizationsService()

// newOrganizationsService makes Organizations, which has its own words for some of the common errors.
func newOrganizationsService() *service {
	s := newJSONService("organizations", map[string]operation{
		"ListAccounts": {action: actionListAccounts, set: OrganizationActions, run: listAccounts},
	})
	s.accessDenied.message = "You don't have permissions to access this resource."
	s.throttled.code = "TooManyRequestsException"
	s.failure.code = "ServiceException"
	return s
}

const actionListAccounts = "organizations:ListAccounts"

// maxAccounts is the size of a page of ListAccounts, and the most a client may ask for.
const maxAccounts = 20

func listAccounts(q *request, out []byte) ([]byte, *apiError) {
	var in struct {
		MaxResults *int
		NextToken  string
	}
	if e := q.decode(&in); e != nil {
		return nil, e
	}
	if !q.index.inOrganization(q.caller.member) {
		return nil, noOrganization()
	}
	if !q.index.administers(q.caller.member) {
		return nil, q.denied(false)
	}
	size := maxAccounts
	if in.MaxResults != nil {
		size = *in.MaxResults
	}
	if size < 1 || size > maxAccounts {
		return nil, invalid("InvalidInputException", "You specified an invalid value for MaxResults: "+strconv.Itoa(size))
	}
	start, e := q.pageStart(in.NextToken)
	if e != nil {
		return nil, e
	}

	end := min(start+size, len(q.index.listed))
	out = append(out, `{"Accounts":[`...)
	for i, account := range q.index.listed[start:end] {
		out = join(out, i, account)
	}
	if q.fault == HugePage {
		for i := range hugePage {
			org := Organization{ID: q.index.id, Management: q.index.management.id, Partition: q.index.partition}
			account := Account{ID: fmt.Sprintf("9%011d", i+1), Name: fmt.Sprintf("huge-%04d", i+1), Status: statusActive}
			out = join(out, end-start+i, marshal(describeAccount(&org, &account)))
		}
	}
	out = append(out, ']')
	switch {
	case q.fault == RepeatingToken:
		out = append(out, `,"NextToken":"`+repeatingToken+`"`...)
	case end < len(q.index.listed):
		out = append(out, `,"NextToken":"`+base64.StdEncoding.EncodeToString([]byte(strconv.Itoa(end)))+`"`...)
	}
	return append(out, '}'), nil
}

// pageStart is the number of accounts that the pages before had.
func (q *request) pageStart(token string) (int, *apiError) {
	if token == "" || q.fault == RepeatingToken {
		return 0, nil
	}
	text, err := base64.StdEncoding.DecodeString(token)
	if err == nil {
		var start int
		start, err = strconv.Atoi(string(text))
		if err == nil && start > 0 && start <= len(q.index.listed) {
			return start, nil
		}
	}
	return 0, invalid("InvalidInputException", "You specified an invalid value for NextToken.")
}

func noOrganization() *apiError {
	return invalid("AWSOrganizationsNotInUseException", "Your account is not a member of an organization.")
}

// accountDescription is an account in the answer of ListAccounts.
type accountDescription struct {
	ID              string `json:"Id"`
	ARN             string `json:"Arn"`
	Email           string
	Name            string
	Status          string
	State           string
	JoinedMethod    string
	JoinedTimestamp epoch `json:",omitzero"`
}

func describeAccount(org *Organization, a *Account) accountDescription {
	return accountDescription{
		ID: a.ID,
		ARN: "arn:" + org.partition() + ":organizations::" + org.Management + ":account/" +
			org.ID + "/" + a.ID,
		Email:           a.Email,
		Name:            a.Name,
		Status:          a.Status,
		State:           a.Status,
		JoinedMethod:    "CREATED",
		JoinedTimestamp: epoch(a.Joined),
	}
}
