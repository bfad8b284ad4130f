package export

import (
	_ "embed"
	"html/template"
	"io"
	"slices"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/standalone/check"
)

//go:embed page.html
var page string

var pageTemplate = template.Must(template.New("page").Funcs(template.FuncMap{
	"about":    aboutLines,
	"counts":   pageCounts,
	"require":  requirements,
	"short":    check.Short,
	"stamp":    stamp,
	"complete": func(a check.About) bool { return a.Complete() },
}).Parse(page))

type pageCount struct {
	Status check.Status
	N      int
}

// pageCounts lists the statuses that there are, the worst first.
func pageCounts(s check.Summary) []pageCount {
	var list []pageCount
	for _, status := range slices.Backward(check.Statuses()) {
		if s[status] > 0 {
			list = append(list, pageCount{status, s[status]})
		}
	}
	return list
}

// HTML writes the report as one page that needs nothing from elsewhere: no script, no font, no picture.
func HTML(w io.Writer, r *check.Report) error { return pageTemplate.Execute(w, r) }
