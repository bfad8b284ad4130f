package check

import "database/sql"

// texts returns the values of the row that rows is at, null as the empty string.
func texts(rows *sql.Rows, columns int) ([]string, error) {
	values, pointers := make([]sql.NullString, columns), make([]any, columns)
	for i := range values {
		pointers[i] = &values[i]
	}
	if err := rows.Scan(pointers...); err != nil {
		return nil, err
	}
	texts := make([]string, columns)
	for i, value := range values {
		texts[i] = value.String
	}
	return texts, nil
}
