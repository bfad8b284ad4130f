// Package shell writes the commands of remediations, for a person to paste into a POSIX shell. What they are made of
// comes from AWS, so every word is quoted; they do nothing in another account than the one they are meant for, and can
// be run again.
package shell

import "strings"

// Command joins the words of an AWS CLI command; they are quoted already where they need it.
func Command(words ...string) string { return "aws " + strings.Join(words, " ") }

// Option returns --name and the value as a shell takes them. A value that looks like an option is tied to its name.
func Option(name, value string) string {
	if strings.HasPrefix(value, "-") {
		return Quote("--" + name + "=" + value)
	}
	return "--" + name + " " + Quote(value)
}

// Quote makes a shell take s as one word: the ":*" at the end of a log group's ARN would otherwise be a file pattern.
func Quote(s string) string {
	const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:=@%+,"
	if s != "" && strings.Trim(s, plain) == "" {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// In runs commands one after the other, with credentials of that account only. The region is one of theirs: another
// partition's STS does not know the credentials.
func In(account, region string, commands ...string) string {
	guard := `test "$(` + Command("sts", "get-caller-identity", "--query Account", "--output text", Option("region", region)) + `)" = ` + Quote(account)
	return guard + " && " + strings.Join(commands, " && ")
}

// Tolerating runs commands up to the first that fails. A failure with that error code counts as success: what was to be
// made is there. Any other is shown, and is one.
func Tolerating(code string, commands ...string) string {
	return `( e=$( { ` + strings.Join(commands, " && ") + `; } 2>&1 ) || case $e in *` + Quote(code) + `*) ;; *) printf '%s\n' "$e" >&2; false;; esac )`
}
