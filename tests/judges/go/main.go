// Checks a folder that `manage.py journal_export` wrote, with the Go project's own tlog and note packages
// (golang.org/x/mod/sumdb). The arithmetic and the signatures are theirs; only the reading of files is here.
//
//	judge DIR
//
// It says what it checked and exits 0, or names the first difference and exits 1.
package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"golang.org/x/mod/sumdb/tlog"
)

var dir string

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: judge DIR")
		os.Exit(2)
	}
	dir = os.Args[1]
	defer func() {
		if found := recover(); found != nil {
			difference, ours := found.(error)
			if !ours {
				panic(found)
			}
			fmt.Println("DIFFERENCE:", difference)
			os.Exit(1)
		}
	}()
	judge()
}

func judge() {
	readKeys()
	newest := open(read("log", "checkpoint"), "log/checkpoint")
	reader := tlog.TileHashReader(newest.tree, files{})
	root, err := treeHash(newest.tree.N, reader)
	must(err, "the tiles")
	if root != newest.tree.Hash {
		fail("the tiles do not give the signed root")
	}
	tiles := checkTiles(newest.tree, reader)
	entries, lines := checkEntries(newest.tree)
	checkpoints := checkCheckpoints(newest, reader)
	links := checkConsistency(checkpoints, reader)
	proofs := checkProofs(newest, reader)
	fmt.Printf("verified: size %d, tiles %d, entries %d, checkpoints %d, consistency %d, proofs %d, cosignatures %d, disclosures %d\n",
		newest.tree.N, tiles, entries, len(checkpoints), links, proofs, cosigned, lines)
}

// --- Saying no ----------------------------------------------------------------

func fail(format string, args ...interface{}) { panic(fmt.Errorf(format, args...)) }

func must(err error, where string) {
	if err != nil {
		fail("%s: %v", where, err)
	}
}

func read(parts ...string) []byte {
	raw, err := os.ReadFile(filepath.Join(append([]string{dir}, parts...)...))
	must(err, "reading")
	return raw
}

func names(folder string) []string {
	entries, err := os.ReadDir(filepath.Join(dir, folder))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	must(err, folder)
	var found []string
	for _, entry := range entries {
		found = append(found, entry.Name())
	}
	return found
}

// number reads a decimal as the specifications write it.
func number(text, where string) int64 {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 || strconv.FormatInt(n, 10) != text {
		fail("%s: %q is not a whole number", where, text)
	}
	return n
}

func hash(line, where string) tlog.Hash {
	h, err := tlog.ParseHash(line)
	must(err, where)
	if h.String() != line {
		fail("%s: base64 is not canonical", where)
	}
	return h
}
