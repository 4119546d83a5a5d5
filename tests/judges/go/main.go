// Checks a folder that `manage.py journal_export` wrote, with the Go project's own tlog and note packages
// (golang.org/x/mod/sumdb). The arithmetic and the signatures are theirs; only the reading of files is here.
//
//	judge DIR
//
// It says what it checked and exits 0, or names the first difference and exits 1.
package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const height = 8 // tiles of C2SP tlog-tiles hold 2^8 hashes

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

// --- Keys and checkpoints -----------------------------------------------------

type logKey struct {
	verifier note.Verifier
	until    int64 // the largest size a retired key counts for; -1 while it signs
}

type witness struct {
	name string
	id   []byte
	key  ed25519.PublicKey
}

type checkpoint struct {
	text []byte
	tree tlog.Tree
}

var (
	keys       []logKey
	witnesses  []witness
	cosigned   int
	logFile    = regexp.MustCompile(`^log(-\d+)?(\.retired-at-(\d+))?\.vkey$`)
	witnessKey = regexp.MustCompile(`^w\d+\.vkey$`)
)

func readKeys() {
	for _, name := range names(".") {
		text := func() string { return strings.TrimSpace(string(read(name))) }
		if found := logFile.FindStringSubmatch(name); found != nil {
			verifier, err := note.NewVerifier(text())
			must(err, name)
			until := int64(-1)
			if found[3] != "" {
				until = number(found[3], name)
			}
			keys = append(keys, logKey{verifier, until})
		} else if witnessKey.MatchString(name) {
			witnesses = append(witnesses, readWitness(text(), name))
		}
	}
}

// readWitness reads a cosignature/v1 key (type 0x04), which the note package does not know.
func readWitness(vkey, where string) witness {
	parts := strings.SplitN(vkey, "+", 3)
	if len(parts) != 3 {
		fail("%s: not a vkey", where)
	}
	raw, err := base64.StdEncoding.DecodeString(parts[2])
	must(err, where)
	if len(raw) != 33 || raw[0] != 0x04 {
		fail("%s: not a key of type 0x04", where)
	}
	sum := sha256.Sum256(append([]byte(parts[0]+"\n"), raw...))
	if fmt.Sprintf("%x", sum[:4]) != parts[1] {
		fail("%s: the key's id is wrong", where)
	}
	return witness{parts[0], sum[:4], ed25519.PublicKey(raw[1:])}
}

func head(text, where string) (string, tlog.Tree) {
	lines := strings.Split(text, "\n")
	if len(lines) < 4 {
		fail("%s: a checkpoint has three lines", where)
	}
	return lines[0], tlog.Tree{N: number(lines[1], where), Hash: hash(lines[2], where)}
}

// open checks a checkpoint's signature by a key that counts for its size, and the cosignatures of known witnesses.
func open(text []byte, where string) checkpoint {
	_, claimed := head(string(text), where)
	var counting []note.Verifier
	for _, key := range keys {
		if key.until < 0 || claimed.N <= key.until {
			counting = append(counting, key.verifier)
		}
	}
	opened, err := note.Open(text, note.VerifierList(counting...))
	must(err, where)
	origin, tree := head(opened.Text, where)
	for _, signature := range opened.Sigs {
		if signature.Name != origin {
			fail("%s: of the log %s, signed by %s", where, origin, signature.Name)
		}
	}
	checkCosignatures(opened, where)
	return checkpoint{text, tree}
}

func checkCosignatures(opened *note.Note, where string) {
	for _, line := range opened.UnverifiedSigs {
		blob, err := base64.StdEncoding.DecodeString(line.Base64)
		must(err, where)
		for _, one := range witnesses {
			if line.Name != one.name || !bytes.HasPrefix(blob, one.id) {
				continue
			}
			if len(blob) != 4+8+64 {
				fail("%s: the cosignature of %s is too short or too long", where, one.name)
			}
			time := binary.BigEndian.Uint64(blob[4:12])
			message := fmt.Sprintf("cosignature/v1\ntime %d\n%s", time, opened.Text)
			if !ed25519.Verify(one.key, []byte(message), blob[12:]) {
				fail("%s: the cosignature of %s does not verify", where, one.name)
			}
			cosigned++
		}
	}
}

// --- Tiles ----------------------------------------------------------------------

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

// --- Entries --------------------------------------------------------------------

// checkEntries builds the tree a second time, from the entries' bytes alone.
func checkEntries(tree tlog.Tree) [][]byte {
	if _, err := os.Stat(filepath.Join(dir, "log", "tile", "entries")); err != nil {
		return nil
	}
	var entries [][]byte
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
			hashes, err := tlog.StoredHashes(int64(len(entries)), entry, fromMemory)
			must(err, path)
			stored = append(stored, hashes...)
			entries = append(entries, entry)
		}
	}
	root, err := tlog.TreeHash(tree.N, fromMemory)
	must(err, "entries")
	if root != tree.Hash {
		fail("the entries do not give the signed root")
	}
	checkNoMore("log/tile/entries", bundles)
	return entries
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

// --- Checkpoints, what links them, and proofs --------------------------------------

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

func checkProofs(newest checkpoint, entries [][]byte, reader tlog.HashReader) int {
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
		if entries != nil && !bytes.Equal(entries[index], entry) {
			fail("%s: not the entry of the bundle", where)
		}
	}
	return len(found)
}

// checkDisclosures finds a value that its entry did not commit to (RFC 9901: the digest of the disclosure string).
func checkDisclosures(entries [][]byte) int {
	raw, err := os.ReadFile(filepath.Join(dir, "disclosures.jsonl"))
	if err != nil || entries == nil {
		return 0
	}
	lines := strings.Split(strings.TrimSuffix(string(raw), "\n"), "\n")
	if len(lines) != len(entries) {
		fail("disclosures.jsonl: %d lines instead of %d", len(lines), len(entries))
	}
	for place, line := range lines {
		where := fmt.Sprintf("disclosures.jsonl, line %d", place+1)
		var said struct {
			Index       int
			Record      string
			Disclosures map[string]string
		}
		var entry struct {
			ID string                         `json:"id"`
			F  map[string][]map[string]string `json:"f"`
		}
		must(json.Unmarshal([]byte(line), &said), where)
		must(json.Unmarshal(entries[place], &entry), where)
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
	return len(lines)
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
	entries := checkEntries(newest.tree)
	checkpoints := checkCheckpoints(newest, reader)
	links := checkConsistency(checkpoints, reader)
	proofs := checkProofs(newest, entries, reader)
	lines := checkDisclosures(entries)
	fmt.Printf("verified: size %d, tiles %d, entries %d, checkpoints %d, consistency %d, proofs %d, cosignatures %d, disclosures %d\n",
		newest.tree.N, tiles, len(entries), len(checkpoints), links, proofs, cosigned, lines)
}
