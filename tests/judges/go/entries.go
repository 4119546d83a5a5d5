package main

import (
	"bufio"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

// checkEntries builds the tree a second time, from the entries' bytes alone, and fits the values to them where they are.
func checkEntries(tree tlog.Tree) (int64, int) {
	if _, err := os.Stat(filepath.Join(dir, "log", "tile", "entries")); err != nil {
		return 0, 0
	}
	values := openValues()
	var count int64
	var stored []tlog.Hash
	fromMemory := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		var found []tlog.Hash
		for _, index := range indexes {
			found = append(found, stored[index])
		}
		return found, nil
	})
	bundles := 0
	for _, t := range widest(tree.N) {
		if t.L != 0 {
			continue
		}
		bundles++
		path := strings.Replace(tilePath(t), "tile/0/", "tile/entries/", 1)
		for _, entry := range unbundled(read("log", filepath.FromSlash(path)), t.W, path) {
			hashes, err := tlog.StoredHashes(count, entry, fromMemory)
			must(err, path)
			stored = append(stored, hashes...)
			values.check(count, entry)
			count++
		}
	}
	root, err := tlog.TreeHash(tree.N, fromMemory)
	must(err, "entries")
	if root != tree.Hash {
		fail("the entries do not give the signed root")
	}
	checkNoMore("log/tile/entries", bundles)
	values.end()
	return count, values.lines
}

func unbundled(raw []byte, count int, where string) [][]byte {
	var found [][]byte
	for len(raw) > 0 {
		if len(raw) < 2 || len(raw)-2 < int(binary.BigEndian.Uint16(raw)) {
			fail("%s: torn", where)
		}
		length := int(binary.BigEndian.Uint16(raw))
		found = append(found, raw[2:2+length])
		raw = raw[2+length:]
	}
	if len(found) != count {
		fail("%s: %d entries instead of %d", where, len(found), count)
	}
	return found
}

func checkNoMore(folder string, count int) {
	found := 0
	must(filepath.Walk(filepath.Join(dir, filepath.FromSlash(folder)), func(_ string, info os.FileInfo, err error) error {
		if err == nil && !info.IsDir() {
			found++
		}
		return err
	}), folder)
	if found != count {
		fail("%s: %d files instead of %d", folder, found, count)
	}
}

// valueFile is disclosures.jsonl, read beside the entries; lines is 0 where it is not there.
type valueFile struct {
	reader *bufio.Reader
	lines  int
}

func openValues() *valueFile {
	file, err := os.Open(filepath.Join(dir, "disclosures.jsonl"))
	if err != nil {
		return &valueFile{}
	}
	return &valueFile{reader: bufio.NewReader(file)}
}

func (v *valueFile) end() {
	if v.reader == nil {
		return
	}
	if rest, _ := v.reader.ReadBytes('\n'); len(rest) > 0 {
		fail("disclosures.jsonl: more lines than entries")
	}
}

// check finds a value that its entry did not commit to (RFC 9901: the digest of the disclosure string).
func (v *valueFile) check(place int64, raw []byte) {
	if v.reader == nil {
		return
	}
	v.lines++
	where := fmt.Sprintf("disclosures.jsonl, line %d", v.lines)
	line, err := v.reader.ReadBytes('\n')
	must(err, where)
	var said struct {
		Index       int64
		Record      string
		Disclosures map[string]string
	}
	var entry struct {
		ID string                         `json:"id"`
		F  map[string][]map[string]string `json:"f"`
	}
	must(json.Unmarshal(line, &said), where)
	must(json.Unmarshal(raw, &entry), where)
	if said.Index != place || said.Record != entry.ID {
		fail("%s: of another entry", where)
	}
	for field, disclosure := range said.Disclosures {
		sum := sha256.Sum256([]byte(disclosure))
		slot := entry.F[field]
		if len(slot) != 1 || slot[0]["..."] != base64.RawURLEncoding.EncodeToString(sum[:]) {
			fail("%s: the entry did not commit to this value of %s", where, field)
		}
	}
}
