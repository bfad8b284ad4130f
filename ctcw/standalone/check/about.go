package check

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/account"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/base/amount"
)

// About says what a report is worth: when it was made, by whom, of what, and what it could not see.
type About struct {
	Version           string   // of this program
	Callers           []string // the ARNs of whoever asked AWS: one for each connection
	Source            string   // connection, profile or demo
	Asked             []string // the benchmarks and controls
	Regions           []string // those that the command line limits the scan to
	Variables         []Variable
	Started, Finished time.Time
	Calls             int // of AWS's APIs
	Accounts          []Account
}

// Variable is one that the controls ran with. A given value stands as it was given.
type Variable struct{ Name, Value string }

// Account is one that was asked.
type Account struct {
	ID, Name string
	// Unread says why the account could not be read, or why it could not list the others; empty when it was and did.
	Unread string
	// Unscanned maps the enabled regions that were not listed to the error's code.
	Unscanned map[string]string
	// LeftOut are the enabled regions that the connection does not scan.
	LeftOut []string
}

// Complete reports whether everything that was asked for could be seen.
func (a About) Complete() bool {
	return !slices.ContainsFunc(a.Accounts, func(of Account) bool { return of.Unread != "" || len(of.Unscanned) > 0 })
}

// Unread returns the accounts that could not be read.
func (a About) Unread() []Account {
	return slices.DeleteFunc(slices.Clone(a.Accounts), func(of Account) bool { return of.Unread == "" })
}

// partly returns the accounts of which some regions could not be listed.
func (a About) partly() []Account {
	return slices.DeleteFunc(slices.Clone(a.Accounts), func(of Account) bool { return of.Unread != "" || len(of.Unscanned) == 0 })
}

// Completeness says the same in a sentence.
func (a About) Completeness() string {
	if a.Complete() {
		return "complete"
	}
	var parts []string
	unread := slices.DeleteFunc(a.Unread(), func(of Account) bool { return account.SaysMissing(of.Unread) })
	if len(unread) < len(a.Unread()) {
		parts = append(parts, "accounts are missing that could not be listed")
	}
	if len(unread) > 0 {
		parts = append(parts, amount.Of(len(unread), "account")+" not readable ("+ids(unread)+")")
	}
	if partly := a.partly(); len(partly) > 0 {
		parts = append(parts, amount.Of(len(partly), "account")+" with regions not scanned ("+ids(partly)+")")
	}
	return "incomplete: " + strings.Join(parts, ", ")
}

// Scope says what was asked for, in a line.
func (a About) Scope() string {
	scope := amount.Of(len(a.Accounts), "account") + " through " + a.Source
	switch {
	case len(a.Regions) > 0:
		return scope + ", regions " + strings.Join(a.Regions, " ")
	case slices.ContainsFunc(a.Accounts, func(of Account) bool { return len(of.LeftOut) > 0 }):
		return scope + ", not every region: the connection leaves some out"
	default:
		return scope + ", every enabled region"
	}
}

// VariableList writes the variables as --var takes them.
func (a About) VariableList() string {
	var list []string
	for _, v := range a.Variables {
		list = append(list, v.Name+"="+v.Value)
	}
	return strings.Join(list, " ")
}

func ids(accounts []Account) string {
	const most = 5
	var list []string
	for _, a := range accounts[:min(len(accounts), most)] {
		list = append(list, a.ID)
	}
	if more := len(accounts) - most; more > 0 {
		list = append(list, fmt.Sprintf("%d more", more))
	}
	return strings.Join(list, ", ")
}
