package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"regexp"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

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
