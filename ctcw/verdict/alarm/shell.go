package alarm

import "strings"

// command joins the words of an AWS CLI command; they are quoted already where they need it.
func command(words ...string) string { return "aws " + strings.Join(words, " ") }

// option returns --name and the value as a POSIX shell takes them. A value that looks like an option is tied to its name.
func option(name, value string) string {
	if strings.HasPrefix(value, "-") {
		return quote("--" + name + "=" + value)
	}
	return "--" + name + " " + quote(value)
}

// quote makes a shell take s as one word: names come from AWS, and a filter pattern is full of dollar signs.
func quote(s string) string {
	const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:=@%+,"
	if s != "" && strings.Trim(s, plain) == "" {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
