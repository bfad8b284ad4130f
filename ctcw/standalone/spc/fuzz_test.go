package spc_test

import (
	"strings"
	"testing"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/standalone/spc"
)

// FuzzParse reads any text as a connection file. What comes out of a readable one is readable again.
func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"", "connection \"a\" {\n  plugin = \"ctcw\"\n  regions = [\"*\"]\n}\n", "plugin \"x\" {\n  source = \"local/ctcw\"\n}\nconnection \"a\" {\n  plugin = plugin.x\n}\n",
		"connection \"all\" {\n  plugin = \"ctcw\"\n  type = \"aggregator\"\n  connections = [\"*\"]\n}\n", "connection \"a\" {\n  plugin = \"ctcw\"\n  access_key = <<E\nx\nE\n}\n",
		"connection \"a\" \"b\" {}", "connection a {\n plugin = \"aws\"\n}", "connection \"a\" {\n plugin = plugin[0]\n}", "connection \"a\" {\n plugin = plugin.*\n}", "a = ${", "connection \"a\" {\n plugin = \"ctcw\"\n exempt = {\n \"x\" = \"${y}\"\n }\n}",
		"connection \"a\" {\n plugin = \"ctcw\"\n connections = \"x\"\n}", "connection \"a\" {\n plugin = \"ctcw\"\n connections = [1, null]\n}",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		connections, err := spc.Parse([]byte(s), "fuzz.spc")
		if err != nil {
			if connections != nil || strings.ContainsAny(err.Error(), "\n\r") {
				t.Fatalf("not one line: %q", err)
			}
			return
		}
		if len(connections) == 0 {
			t.Fatal("neither a connection nor an error")
		}
		for _, c := range connections {
			body := "connection \"again\" {\n  plugin = \"ctcw\"\n" + c.Config() + "}\n"
			if _, err := spc.Parse([]byte(body), "again.spc"); err != nil {
				t.Fatalf("%q became %q: %v", s, body, err)
			}
		}
	})
}
