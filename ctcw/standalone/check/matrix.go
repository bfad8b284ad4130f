package check

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/mod"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/standalone/evidence"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/standalone/output"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/verdict/alarm"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/verdict/event"
)

// Cell is an account and a class of events: what the control of the class says, and how far the events get by the
// account's best trail.
type Cell struct {
	Account, AccountName string
	Class                string
	Status               Status
	Alarm                alarm.Status // "exempt" where that is why
}

// exempt is no verdict of the table: an exemption stands before it.
const exempt alarm.Status = "exempt"

// marks are what a cell says in one character, from the best to the start of the way that an event takes.
var marks = []struct {
	status alarm.Status
	mark   string
}{
	{alarm.Monitored, "+"},
	{alarm.NoSubscriber, "S"},
	{alarm.NoAction, "N"},
	{alarm.AlarmDisabled, "X"},
	{alarm.NoAlarm, "A"},
	{alarm.FilterTooWide, "W"},
	{alarm.FilterMissesEvents, "M"},
	{alarm.NoFilter, "F"},
	{alarm.NotRecorded, "R"},
	{alarm.PartialScope, "P"},
	{alarm.NotDelivering, "D"},
	{alarm.NoTrail, "-"},
	{alarm.Unknown, "?"},
	{exempt, "e"},
}

func rankOf(s alarm.Status) int {
	for i, m := range marks {
		if m.status == s {
			return i
		}
	}
	return len(marks)
}

// mark is the cell in one character: a small letter is what another account has to mend.
func (c Cell) mark() string {
	i := rankOf(c.Alarm)
	if i == len(marks) {
		return "?"
	}
	if c.Status == Info {
		return strings.ToLower(marks[i].mark)
	}
	return marks[i].mark
}

// monitors reports whether a control is about a class of events, and says which.
func monitors(c mod.Control) (class string, ok bool) {
	if !slices.Contains(c.Tables, evidence.AlarmTable) {
		return "", false
	}
	class = classOf(Result{}, c)
	return class, class != ""
}

// cells returns what the controls of classes say of each account, from the rows that they were given.
func (f *facts) cells(runs []Run) []Cell {
	type key struct{ account, class string }
	best, names := map[key]alarm.Status{}, map[string]string{}
	for _, a := range f.alarms {
		status := alarm.Status(a.status)
		if a.exempt != "" {
			status = exempt
		}
		at := key{a.account, a.class}
		if have, ok := best[at]; !ok || rankOf(status) < rankOf(have) {
			best[at] = status
		}
		names[a.account] = cmp.Or(names[a.account], a.name)
	}
	var cells []Cell
	for _, run := range runs {
		class, ok := monitors(run.Control)
		if !ok {
			continue
		}
		for _, r := range run.Results {
			id := r.Dimension("account_id")
			cell := Cell{Account: id, AccountName: names[id], Class: class, Status: r.Status, Alarm: best[key{id, class}]}
			if says := r.Dimension("alarm_status"); says != "" {
				cell.Alarm = alarm.Status(says)
			}
			switch {
			case r.Status == Error, r.Status == Info && cell.Alarm == alarm.NoTrail:
				cell.Alarm = alarm.Unknown
			case r.Status == Skip:
				cell.Alarm = exempt
			case r.Status != OK && cell.Alarm == alarm.Monitored:
				cell.Alarm = alarm.FilterMissesEvents // one that later versions of the benchmark ask for
			}
			same := func(have Cell) bool { return have.Account == id && have.Class == class }
			if i := slices.IndexFunc(cells, same); i < 0 {
				cells = append(cells, cell)
			} else if rank(cell.Status) < rank(cells[i].Status) {
				cells[i] = cell
			}
		}
	}
	return cells
}

// strip is one line of the matrix: accounts of which the same is said.
type strip struct {
	names []string
	cells map[string]Cell // by class
	key   string
	worst int
}

// matrix writes accounts by classes of events, one character a cell, the worst accounts first.
func (r *Report) matrix(v View) string {
	var classes []*event.Class
	for _, c := range event.Classes() {
		if slices.ContainsFunc(r.Cells, func(cell Cell) bool { return cell.Class == c.Name }) {
			classes = append(classes, c)
		}
	}
	var header strings.Builder
	const cellWidth = 3
	for i, c := range event.Classes() {
		if slices.Contains(classes, c) {
			fmt.Fprintf(&header, "%*d", cellWidth, i+1)
		}
	}
	strips := r.strips(classes)
	width := v.Width
	if width == 0 || width > maxMatrix {
		width = maxMatrix
	}
	head := width - cellWidth*len(classes)
	beside := head >= minHead

	var b strings.Builder
	if beside {
		b.WriteString(v.paint(strong, fmt.Sprintf("%-*s", head, "Is anyone told?")) + v.paint(faint, header.String()) + "\n")
	} else {
		b.WriteString(v.paint(strong, "Is anyone told?") + "\n" + v.paint(faint, header.String()) + "\n")
	}
	for _, s := range strips {
		row := ""
		for _, c := range classes {
			cell, ok := s.cells[c.Name]
			if !ok {
				row += strings.Repeat(" ", cellWidth)
				continue
			}
			row += strings.Repeat(" ", cellWidth-1) + v.paint(colors[cell.Status], cell.mark())
		}
		row = strings.TrimRight(row, " ")
		names := output.Clean(strings.Join(s.names, ", "))
		if !beside { // the cells have lines of their own, below the names
			for _, line := range v.lines(names, width) {
				b.WriteString(v.paint(strong, line) + "\n")
			}
			b.WriteString(row + "\n")
			continue
		}
		for i, line := range strings.Split(output.Wrap(names, head-1), "\n") {
			line = strings.TrimRight(line, " ")
			b.WriteString(v.paint(strong, line))
			if i == 0 {
				b.WriteString(strings.Repeat(" ", max(head-text.StringWidthWithoutEscSequences(line), 0)) + row)
			}
			b.WriteString("\n")
		}
	}
	b.WriteString("\n" + r.legend(v, width, classes))
	return b.String()
}

const (
	maxMatrix = 80 // columns: a wider matrix is no easier to read
	minHead   = 21 // columns of names beside the cells; where there are fewer, the cells stand below the names
)

func (r *Report) strips(classes []*event.Class) []strip {
	accounts := map[string]*strip{}
	var order []string
	for _, cell := range r.Cells {
		s := accounts[cell.Account]
		if s == nil {
			s = &strip{names: []string{cmp.Or(cell.AccountName, cell.Account)}, cells: map[string]Cell{}}
			accounts[cell.Account] = s
			order = append(order, cell.Account)
		}
		s.cells[cell.Class] = cell
	}
	slices.Sort(order)
	var strips []strip
	at := map[string]int{}
	for _, id := range order {
		s := accounts[id]
		s.worst = len(statuses) + 1
		for _, c := range classes {
			cell, ok := s.cells[c.Name]
			s.key += fmt.Sprintf("%v %s %s;", ok, cell.Status, cell.Alarm)
			if ok {
				s.worst = min(s.worst, rank(cell.Status))
			}
		}
		if i, known := at[s.key]; known {
			strips[i].names = append(strips[i].names, s.names...)
			continue
		}
		at[s.key] = len(strips)
		strips = append(strips, *s)
	}
	slices.SortStableFunc(strips, func(a, b strip) int { return a.worst - b.worst })
	return strips
}

// legend says what the characters mean that occur, and what the numbers.
func (r *Report) legend(v View, width int, classes []*event.Class) string {
	var marked, numbered []string
	for _, m := range marks {
		if slices.ContainsFunc(r.Cells, func(c Cell) bool { return c.Alarm == m.status }) {
			marked = append(marked, m.mark+" "+strings.ReplaceAll(string(m.status), "_", " "))
		}
	}
	if slices.ContainsFunc(r.Cells, func(c Cell) bool { return c.Status == Info && c.mark() != "?" }) {
		marked = append(marked, "small letter: another account's to mend")
	}
	for i, c := range event.Classes() {
		if slices.Contains(classes, c) {
			numbered = append(numbered, strconv.Itoa(i+1)+" "+strings.ReplaceAll(c.Name, "_", " "))
		}
	}
	var b strings.Builder
	for _, list := range [][]string{marked, numbered} {
		for _, line := range fill(list, width) {
			b.WriteString(v.paint(faint, line) + "\n")
		}
	}
	return b.String()
}
