package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

const height = 8 // tiles of C2SP tlog-tiles hold 2^8 hashes

// tilePath is Go's path without the height, which C2SP tlog-tiles leaves out.
func tilePath(t tlog.Tile) string {
	return strings.Replace(t.Path(), fmt.Sprintf("tile/%d/", height), "tile/", 1)
}

type files struct{}

func (files) Height() int                     { return height }
func (files) SaveTiles([]tlog.Tile, [][]byte) {}
func (files) ReadTiles(ts []tlog.Tile) ([][]byte, error) {
	var found [][]byte
	for _, t := range ts {
		raw, err := os.ReadFile(filepath.Join(dir, "log", filepath.FromSlash(tilePath(t))))
		if err != nil {
			return nil, err
		}
		if len(raw) != t.W*tlog.HashSize {
			return nil, fmt.Errorf("%s has %d bytes", tilePath(t), len(raw))
		}
		found = append(found, raw)
	}
	return found, nil
}

// widest drops the narrower beginnings of partial tiles, which NewTiles lists for trees in between.
func widest(size int64) []tlog.Tile {
	var found []tlog.Tile
	for _, t := range tlog.NewTiles(height, 0, size) {
		last := len(found) - 1
		if last >= 0 && found[last].L == t.L && found[last].N == t.N {
			found[last] = t
		} else {
			found = append(found, t)
		}
	}
	return found
}

// checkTiles authenticates every tile from the signed root down and finds files that belong to no tile.
func checkTiles(tree tlog.Tree, reader tlog.HashReader) int {
	expected := map[string]bool{}
	for _, t := range widest(tree.N) {
		path := tilePath(t)
		expected["log/"+path] = true
		raw, err := tlog.ReadTileData(t, reader)
		must(err, path)
		if !bytes.Equal(raw, read("log", filepath.FromSlash(path))) {
			fail("%s: not the hashes under the signed root", path)
		}
	}
	must(filepath.Walk(filepath.Join(dir, "log"), func(path string, info os.FileInfo, err error) error {
		inside, _ := filepath.Rel(dir, path)
		inside = filepath.ToSlash(inside)
		known := expected[inside] || inside == "log/checkpoint" || strings.HasPrefix(inside, "log/tile/entries")
		if err == nil && !info.IsDir() && !known {
			return fmt.Errorf("%s belongs to no tile of this log", inside)
		}
		return err
	}), "log")
	return len(expected)
}
