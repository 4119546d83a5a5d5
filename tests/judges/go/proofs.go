package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"sort"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

func checkCheckpoints(newest checkpoint, reader tlog.HashReader) map[int64]checkpoint {
	found := map[int64]checkpoint{}
	for _, name := range names("checkpoints") {
		where := "checkpoints/" + name
		one := open(read("checkpoints", name), where)
		if one.tree.N != number(name, where) || one.tree.N > newest.tree.N {
			fail("%s: states %d entries, the newest states %d", where, one.tree.N, newest.tree.N)
		}
		root, err := treeHash(one.tree.N, reader)
		must(err, where)
		if root != one.tree.Hash {
			fail("%s: the first %d entries have another root", where, one.tree.N)
		}
		found[one.tree.N] = one
	}
	if !bytes.Equal(found[newest.tree.N].text, newest.text) {
		fail("checkpoints/%d is not log/checkpoint", newest.tree.N)
	}
	return found
}

// treeHash knows the empty tree, of which the package says nothing: RFC 6962, SHA-256 of nothing.
func treeHash(size int64, reader tlog.HashReader) (tlog.Hash, error) {
	if size == 0 {
		return tlog.Hash(sha256.Sum256(nil)), nil
	}
	return tlog.TreeHash(size, reader)
}

func checkConsistency(checkpoints map[int64]checkpoint, reader tlog.HashReader) int {
	found := names("consistency")
	for _, name := range found {
		where := "consistency/" + name
		before, text, ok := strings.Cut(string(read("consistency", name)), "\n\n")
		lines := strings.Split(before, "\n")
		sizes := strings.SplitN(name, "-", 2)
		if !ok || len(sizes) != 2 || lines[0] != "old "+sizes[0] {
			fail("%s: not the body of an add-checkpoint request", where)
		}
		older, known := checkpoints[number(sizes[0], where)]
		newer, knownToo := checkpoints[number(sizes[1], where)]
		if !known || !knownToo || !bytes.Equal(newer.text, []byte(text)) {
			fail("%s: not of two checkpoints that are here", where)
		}
		proof := hashes(lines[1:], where)
		must(tlog.CheckTree(proof, newer.tree.N, newer.tree.Hash, older.tree.N, older.tree.Hash), where)
		own, err := tlog.ProveTree(newer.tree.N, older.tree.N, reader)
		must(err, where)
		if fmt.Sprint(own) != fmt.Sprint(proof) {
			fail("%s: not the proof that the tiles give", where)
		}
	}
	checkLinks(checkpoints, found)
	return len(found)
}

// checkLinks finds a missing link where every one is promised: up to 1,000 checkpoints.
func checkLinks(checkpoints map[int64]checkpoint, found []string) {
	var sizes []int64
	for size := range checkpoints {
		sizes = append(sizes, size)
	}
	sort.Slice(sizes, func(i, j int) bool { return sizes[i] < sizes[j] })
	there := map[string]bool{}
	for _, name := range found {
		there[name] = true
	}
	for i := 1; i < len(sizes) && len(sizes) <= 1000; i++ {
		if name := fmt.Sprintf("%d-%d", sizes[i-1], sizes[i]); !there[name] {
			fail("consistency/%s is missing", name)
		}
	}
}

func hashes(lines []string, where string) []tlog.Hash {
	var found []tlog.Hash
	for _, line := range lines {
		found = append(found, hash(line, where))
	}
	return found
}

func checkProofs(newest checkpoint, reader tlog.HashReader) int {
	found := names("proofs")
	for _, name := range found {
		where := "proofs/" + name
		before, text, _ := strings.Cut(string(read("proofs", name)), "\n\n")
		lines := strings.Split(before, "\n")
		if len(lines) < 3 || lines[0] != "c2sp.org/tlog-proof@v1" || !strings.HasPrefix(lines[1], "extra ") {
			fail("%s: not a proof with an entry", where)
		}
		extra, err := base64.StdEncoding.DecodeString(lines[1][len("extra "):])
		must(err, where)
		entry, _, _ := bytes.Cut(extra, []byte("~")) // what follows a tilde are disclosures
		index := number(strings.TrimPrefix(lines[2], "index "), where)
		tree := open([]byte(text), where).tree
		proof := hashes(lines[3:], where)
		must(tlog.CheckRecord(proof, tree.N, tree.Hash, index, tlog.RecordHash(entry)), where)
		own, err := tlog.ProveRecord(tree.N, index, reader)
		must(err, where)
		sameName := name == fmt.Sprintf("%d.tlog-proof", index)
		if !sameName || text != string(newest.text) || fmt.Sprint(own) != fmt.Sprint(proof) {
			fail("%s: not the proof that the tiles give", where)
		}
	}
	return len(found)
}
