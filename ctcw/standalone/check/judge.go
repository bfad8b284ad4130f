package check

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/mod"
)

// Controls returns the controls of the plan, each once.
func (p *Plan) Controls() []mod.Control { return p.controls() }

// Variables returns what the controls run with.
func (p *Plan) Variables() []Variable { return p.variables }

// Judge runs the controls over the tables of a database and hands over what each returns, without what the tables say
// beside it: it is for judging many runs. It ends with the first error that visit returns.
func (p *Plan) Judge(ctx context.Context, db *sql.DB, visit func(mod.Control, []Result, error) error) error {
	for _, c := range p.controls() {
		query, args, err := c.Query(p.vars)
		if err != nil {
			return err
		}
		results, err := run(ctx, db, query, args)
		if err := visit(c, results, err); err != nil {
			return fmt.Errorf("control %s: %w", c.Name, err)
		}
	}
	return nil
}
