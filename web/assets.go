package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strings"
)

// What browsers fetch: vendor is built from bundle and committed, css and js are
// written by hand and sent as one file each.
//
//go:embed assets
var assetFiles embed.FS

// assets serves files under names that hold a digest of what is in them, so that a
// browser may keep them for ever. They are compressed once, when loaded.
type assets struct {
	named map[string]string // the address of a file by its name: app.css, app.js, vendor.css, …
	files map[string]asset  // by address
}

type asset struct {
	kind          string
	plain, zipped []byte
}

// loadAssets reads what is embedded.
func loadAssets() (*assets, error) {
	a := &assets{named: map[string]string{}, files: map[string]asset{}}
	fonts := map[string]string{}
	vendor, err := fs.ReadDir(assetFiles, "assets/vendor")
	if err != nil {
		return nil, err
	}
	for _, entry := range vendor {
		data, err := assetFiles.ReadFile("assets/vendor/" + entry.Name())
		if err != nil {
			return nil, err
		}
		if err := a.add(entry.Name(), data); err != nil {
			return nil, err
		}
		if path.Ext(entry.Name()) == ".woff2" {
			fonts[entry.Name()] = a.named[entry.Name()]
		}
	}
	icon, err := assetFiles.ReadFile("assets/images/icon.svg")
	if err != nil {
		return nil, err
	}
	if err := a.add("icon.svg", icon); err != nil {
		return nil, err
	}
	for _, kind := range []string{"css", "js"} {
		whole, err := together("assets/" + kind)
		if err != nil {
			return nil, err
		}
		for name, address := range fonts { // style sheets name fonts as font:NAME
			whole = bytes.ReplaceAll(whole, []byte("font:"+name), []byte(address))
		}
		if err := a.add("app."+kind, whole); err != nil {
			return nil, err
		}
	}
	return a, nil
}

// together returns the files of a directory one after the other, by name.
func together(dir string) ([]byte, error) {
	entries, err := fs.ReadDir(assetFiles, dir)
	if err != nil {
		return nil, err
	}
	var whole bytes.Buffer
	for _, entry := range entries {
		data, err := assetFiles.ReadFile(dir + "/" + entry.Name())
		if err != nil {
			return nil, err
		}
		whole.Write(data)
		whole.WriteByte('\n')
	}
	return whole.Bytes(), nil
}

func (a *assets) add(name string, data []byte) error {
	digest := sha256.Sum256(data)
	ext := path.Ext(name)
	address := fmt.Sprintf("/assets/%s-%s%s", strings.TrimSuffix(name, ext), hex.EncodeToString(digest[:6]), ext)
	file := asset{plain: data}
	switch ext {
	case ".css":
		file.kind = "text/css; charset=utf-8"
	case ".js":
		file.kind = "text/javascript; charset=utf-8"
	case ".woff2":
		file.kind = "font/woff2"
	case ".svg":
		file.kind = "image/svg+xml"
	default:
		file.kind = "text/plain; charset=utf-8"
	}
	if ext != ".woff2" {
		var zipped bytes.Buffer
		z, err := gzip.NewWriterLevel(&zipped, gzip.BestCompression)
		if err != nil {
			return err
		}
		if _, err := z.Write(data); err != nil {
			return err
		}
		if err := z.Close(); err != nil {
			return err
		}
		file.zipped = zipped.Bytes()
	}
	a.named[name], a.files[address] = address, file
	return nil
}

// ServeHTTP answers with a file.
func (a *assets) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	file, ok := a.files[r.URL.Path]
	if !ok {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Content-Type", file.kind)
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	body := file.plain
	if file.zipped != nil {
		h.Set("Vary", "Accept-Encoding")
		if acceptsGzip(r) {
			h.Set("Content-Encoding", "gzip")
			body = file.zipped
		}
	}
	_, _ = w.Write(body) // a browser that has gone needs no answer
}

// acceptsGzip reports whether a browser takes a compressed answer.
func acceptsGzip(r *http.Request) bool {
	for part := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		coding, q, _ := strings.Cut(strings.TrimSpace(part), ";")
		if coding == "gzip" && strings.TrimSpace(q) != "q=0" {
			return true
		}
	}
	return false
}
