// Package file writes files that hold account ids and ARNs: for their owner alone, and whole or not at all.
package file

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// ErrExists means that there is a file of that name already.
var ErrExists = errors.New("the file exists already")

// Check finds what would keep Write from writing to a path. It leaves nothing behind.
func Check(path string) error {
	folder := filepath.Dir(path)
	switch info, err := os.Stat(folder); {
	case err == nil && !info.IsDir(), errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
		return fmt.Errorf("cannot write %s: there is no folder %s", path, folder)
	case err != nil:
		return cannotWrite(path, err)
	}
	exists, err := regular(path)
	if err != nil {
		return err
	}
	if exists {
		// Its folder decides whether it can be replaced, but who took away the right to write it meant that.
		have, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err != nil {
			return cannotWrite(path, err)
		}
		have.Close()
	}
	temporary, err := create(path)
	if err != nil {
		return err
	}
	return errors.Join(temporary.Close(), os.Remove(temporary.Name()))
}

// Write gives a path what write writes to a temporary file beside it, once that is complete. Only a regular file is
// replaced, and only where replace says so: else the error is ErrExists.
func Write(path string, replace bool, write func(temporary *os.File) error) (err error) {
	exists, err := regular(path)
	if err != nil {
		return err
	}
	if exists && !replace {
		return fmt.Errorf("%s: %w", path, ErrExists)
	}
	temporary, err := create(path)
	if err != nil {
		return err
	}
	defer os.Remove(temporary.Name())
	err = write(temporary)
	if err == nil {
		err = temporary.Sync()
	}
	if err := errors.Join(err, temporary.Close()); err != nil {
		return err
	}
	if _, err := regular(path); err != nil { // what came in the meantime
		return err
	}
	if replace {
		err = os.Rename(temporary.Name(), path)
	} else {
		err = os.Link(temporary.Name(), path) // unlike a rename, it does not replace
	}
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s: %w", path, ErrExists)
	}
	if err != nil {
		return cannotWrite(path, err)
	}
	return nil
}

// create makes a temporary file that only its owner may read.
func create(path string) (*os.File, error) {
	temporary, err := os.CreateTemp(filepath.Dir(path), ".ctcw.*")
	if err != nil {
		return nil, cannotWrite(path, err)
	}
	return temporary, nil
}

// regular reports whether there is a file. Anything else of that name is an error: a rename would replace a device, and
// writing through a link would write to another place.
func regular(path string) (exists bool, err error) {
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, cannotWrite(path, err)
	}
	if kind := kindOf(info.Mode()); kind != "" {
		return false, fmt.Errorf("cannot write %s: it is a %s", path, kind)
	}
	return true, nil
}

// kindOf names what is no regular file.
func kindOf(mode fs.FileMode) string {
	switch {
	case mode.IsRegular():
		return ""
	case mode.IsDir():
		return "folder"
	case mode&fs.ModeSymlink != 0:
		return "link"
	case mode&fs.ModeNamedPipe != 0:
		return "pipe"
	case mode&fs.ModeSocket != 0:
		return "socket"
	case mode&fs.ModeDevice != 0:
		return "device"
	default:
		return "special file"
	}
}

// cannotWrite names the file that the user named, and not a temporary one.
func cannotWrite(path string, err error) error {
	var (
		ofPath *fs.PathError
		ofLink *os.LinkError
	)
	switch {
	case errors.As(err, &ofPath):
		err = ofPath.Err
	case errors.As(err, &ofLink):
		err = ofLink.Err
	}
	return fmt.Errorf("cannot write %s: %w", path, err)
}
