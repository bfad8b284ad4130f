package file_test

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/base/file"
)

func text(s string) func(*os.File) error {
	return func(f *os.File) error { _, err := f.WriteString(s); return err }
}

func content(t *testing.T, path string) string {
	t.Helper()
	have, err := os.ReadFile(path)
	require.NoError(t, err)
	return string(have)
}

func TestWrite(t *testing.T) {
	path := filepath.Join(t.TempDir(), "out.csv")
	require.NoError(t, file.Check(path))
	require.NoError(t, file.Write(path, false, text("first")))
	assert.Equal(t, "first", content(t, path))

	err := file.Write(path, false, func(*os.File) error { t.Error("it need not be written"); return nil })
	assert.ErrorIs(t, err, file.ErrExists)
	assert.EqualError(t, err, path+": the file exists already")

	require.NoError(t, os.Chmod(path, 0o644))
	opened, err := os.Open(path)
	require.NoError(t, err)
	defer opened.Close()
	require.NoError(t, file.Write(path, true, text("second")))
	assert.Equal(t, "second", content(t, path))
	info, err := os.Stat(path)
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o600), info.Mode().Perm(), "whatever it was")
	before := make([]byte, 10)
	n, _ := opened.Read(before)
	assert.Equal(t, "first", string(before[:n]), "who reads it meanwhile reads the old one to its end")

	failed := errors.New("the scan failed")
	assert.ErrorIs(t, file.Write(path, true, func(f *os.File) error { _, _ = f.WriteString("half"); return failed }), failed)
	assert.Equal(t, "second", content(t, path), "whole or not at all")
	onlyFile(t, path)

	t.Run("one that came in the meantime is kept", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "out.csv")
		assert.ErrorIs(t, file.Write(path, false, func(*os.File) error { return os.WriteFile(path, []byte("theirs"), 0o600) }), file.ErrExists)
		assert.Equal(t, "theirs", content(t, path))
		onlyFile(t, path)
	})
}

func TestOnlyRegularFilesAreReplaced(t *testing.T) {
	dir := t.TempDir()
	target := filepath.Join(dir, "target")
	require.NoError(t, os.WriteFile(target, []byte("untouched"), 0o644))
	for kind, make := range map[string]func(path string) error{
		"link":   func(path string) error { return os.Symlink(target, path) },
		"pipe":   func(path string) error { return syscall.Mkfifo(path, 0o600) },
		"folder": func(path string) error { return os.Mkdir(path, 0o700) },
		"device": func(path string) error { return syscall.Mknod(path, syscall.S_IFCHR|0o600, 1<<8|3) }, // a null device
		"socket": func(path string) error { _, err := net.Listen("unix", path); return err },
	} {
		t.Run(kind, func(t *testing.T) {
			path := filepath.Join(dir, kind)
			if err := make(path); errors.Is(err, os.ErrPermission) {
				t.Skip("SKIPPED: only root may make one")
			} else {
				require.NoError(t, err)
			}
			before, err := os.Lstat(path)
			require.NoError(t, err)
			want := "cannot write " + path + ": it is a " + kind
			assert.EqualError(t, file.Check(path), want)
			assert.EqualError(t, file.Write(path, true, text("x")), want)
			assert.EqualError(t, file.Write(path, false, text("x")), want)
			after, err := os.Lstat(path)
			require.NoError(t, err)
			assert.Equal(t, before.Mode(), after.Mode())
			assert.Equal(t, "untouched", content(t, target))
		})
	}
}

func TestWhatCannotBeWrittenIsSaidOfTheFileThatWasNamed(t *testing.T) {
	dir := t.TempDir()
	nowhere := filepath.Join(dir, "nowhere", "out.csv")
	assert.EqualError(t, file.Check(nowhere), "cannot write "+nowhere+": there is no folder "+filepath.Dir(nowhere))
	assert.EqualError(t, file.Write(nowhere, true, text("x")), "cannot write "+nowhere+": no such file or directory")
	require.NoError(t, os.WriteFile(filepath.Join(dir, "file"), nil, 0o600))
	for _, folder := range []string{filepath.Join(dir, "file"), filepath.Join(dir, "file", "below")} {
		path := filepath.Join(folder, "out.csv")
		assert.EqualError(t, file.Check(path), "cannot write "+path+": there is no folder "+folder)
	}
	long := filepath.Join(dir, strings.Repeat("x", 300), "out.csv")
	assert.EqualError(t, file.Check(long), "cannot write "+long+": file name too long", "another error than that there is none")
	if os.Geteuid() == 0 {
		t.Skip("SKIPPED: root may write everywhere")
	}
	locked := filepath.Join(dir, "locked.csv")
	require.NoError(t, os.WriteFile(locked, nil, 0o400))
	assert.EqualError(t, file.Check(locked), "cannot write "+locked+": permission denied")
}

// onlyFile asserts that nothing is left beside it.
func onlyFile(t *testing.T, path string) {
	t.Helper()
	left, err := os.ReadDir(filepath.Dir(path))
	require.NoError(t, err)
	assert.Len(t, left, 1)
}
