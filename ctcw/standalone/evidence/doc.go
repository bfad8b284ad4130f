// Package evidence keeps what the tables held: in memory, to run many queries over one scan, or in a SQLite file, run
// after run, for Powerpipe (sqlite://), an auditor, or the command line's --from.
//
// In a file, a table T of the plugin is four things. T_content has each distinct content of its rows once: text, JSON
// and booleans, which seldom change. T_rows has a short row for each row of each run: the content's number, and the
// times and numbers, which change in every run. The view T_history puts them together again for all runs, the view T
// for the latest one. Where a text repeats a time of its row ("delivered at 2026-07-01T05:17:03Z"), the content has the
// time's column in braces instead, so that it is the same content the next day.
//
// ctcw_run has a row for each run: who asked, when, with what, and whether all could be read. Its hash covers that and
// every cell of the run, and the hash of the run before.
package evidence
