// Command steampipe-plugin-ctcw is a Steampipe plugin and, started by anyone else than Steampipe, a command
// line that needs no Steampipe.
package main

import (
	"context"
	"os"
	"runtime/debug"
	"strings"
	"time"

	"github.com/turbot/steampipe-plugin-sdk/v5/grpc/shared"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/base/orphan"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/standalone/cli"
)

// version is set by the release build.
var version = "dev"

func main() {
	// Steampipe gives no arguments, and this variable; a person who gives none wants to be told what there is.
	bySteampipe := os.Getenv(shared.Handshake.MagicCookieKey) != ""
	if len(os.Args) > 1 || !bySteampipe {
		os.Exit(cli.Main(versionOf(), os.Args[1:], os.Stdout, os.Stderr))
	}
	go endWithSteampipe()
	ctcw.Serve()
}

// versionOf falls back to what Go knows of the module: its version after go install, its commit after go build.
func versionOf() string {
	if info, ok := debug.ReadBuildInfo(); ok && version == "dev" && info.Main.Version != "(devel)" {
		return strings.TrimPrefix(info.Main.Version, "v")
	}
	return version
}

// endWithSteampipe ends the plugin when Steampipe's plugin manager was killed. One that ends in order says so;
// after a kill nobody would, and the plugin would stay, with its memory and its credentials.
func endWithSteampipe() {
	orphan.Watch(context.Background(), time.Second)
	os.Exit(1)
}
