package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestCompletionInShells asks each shell that is installed what it would complete, through the command as make install
// links it.
func TestCompletionInShells(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.Symlink(binary, filepath.Join(dir, "ctcw")))
	for shell, script := range map[string]string{
		"bash": `source /usr/share/bash-completion/bash_completion
source <(ctcw completion bash)
ask() { COMP_LINE="$*" COMP_POINT=${#COMP_LINE} COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)); COMPREPLY=(); __start_ctcw 2>/dev/null; printf '%s\n' "${COMPREPLY[@]}"; }
ask ctcw check cis_v200; ask ctcw check --output ''; ask ctcw query --connection --config ''; ask ctcw ver; ask ctcw check --var min`,
		"fish": `ctcw completion fish | source
complete -C 'ctcw check cis_v200'; complete -C 'ctcw check --output '; complete -C 'ctcw ver'; complete -C 'ctcw check --var min'`,
		// A second zsh at a terminal, as only there it completes.
		"zsh": `zmodload zsh/zpty
zpty z zsh -f -i
zpty -w z 'PS1=; autoload -U compinit; compinit -u -D; source <(ctcw completion zsh); compdef _ctcw ctcw; zstyle ":completion:*" list-prompt ""; LISTMAX=0; print rea''dy'
while zpty -r z line; do [[ $line = ready* ]] && break; done
for line in 'ctcw check cis_v200' 'ctcw check --output ' 'ctcw ver' 'ctcw check --var min'; do
  zpty -w -n z "$line"$'\t\t'; sleep 1; zpty -w -n z $'\C-u'
done
sleep 1
while zpty -r -t z line; do print -r -- $line; done`,
	} {
		t.Run(shell, func(t *testing.T) {
			if _, err := exec.LookPath(shell); err != nil {
				t.Skipf("SKIPPED: %s is not installed, so its completion is not tried", shell)
			}
			if _, err := os.Stat("/usr/share/bash-completion/bash_completion"); shell == "bash" && err != nil {
				t.Skip("SKIPPED: the package bash-completion is not installed, so bash's completion is not tried")
			}
			cmd := exec.Command(shell, "-c", script)
			cmd.Env = append(environment(t), "PATH="+dir+":"+os.Getenv("PATH"), "TERM=xterm", "HOME="+t.TempDir())
			out, err := cmd.CombinedOutput()
			if shell != "bash" { // whose last test may find nothing
				require.NoError(t, err, string(out))
			}
			for _, want := range []string{"cis_v200_3_4", "json", "version", "min_retention_days="} {
				assert.Contains(t, string(out), want)
			}
		})
	}
}

func TestDotCommands(t *testing.T) {
	got := ctcw(t, nil, "query", ".tables", "--output", "csv")
	assert.Zero(t, got.code, got.stderr)
	assert.Contains(t, got.stdout, "\ncloudtrail_cloudwatch_status,")
	got = ctcw(t, nil, "query", ".columns cloudtrail_cloudwatch_status", "--output", "csv")
	assert.Zero(t, got.code, "no credentials are needed: %s", got.stderr)
	assert.Contains(t, got.stdout, "\nretention_in_days,bigint,")
	for text, want := range map[string]string{
		".columns cloudtrail_cloudwatch_state": `there is no table "cloudtrail_cloudwatch_state" (did you mean "cloudtrail_cloudwatch_status"?)`,
		".table":                               `there is no command ".table" (did you mean ".tables"?)`,
		".columns":                             "write .tables, or .columns and a table",
	} {
		got := ctcw(t, nil, "query", text)
		assert.Equal(t, 3, got.code)
		assert.Contains(t, got.stderr, want)
	}
	assert.Regexp(t, `^ctcw dev \(go1\.\d+\.\d+, \w+/\w+\)\n$|^ctcw \S+ \(`, ctcw(t, nil, "version").stdout)
}
