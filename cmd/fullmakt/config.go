package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/alecthomas/kong"
	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/api"
)

type configCmd struct {
	Show configShowCmd `cmd:"" help:"Print every setting of serve with its value and where that comes from."`
}

// configShowCmd takes what serve takes.
type configShowCmd struct{ serveFlags }

// Help is shown by config show --help.
func (configShowCmd) Help() string {
	return `Give it the flags that serve gets. A value comes from a flag, from the environment, from the file that --config names, or is the default, in this order. A configuration that serve would refuse is refused here too.

Examples:
  fullmakt --data register config show --config fullmakt.json
  fullmakt --data register config show -o json`
}

// The places a value comes from.
const (
	fromFlag        = "flag"
	fromEnvironment = "environment"
	fromFile        = "file"
	fromDefault     = "default"
)

// wireSetting is one setting. Value is as JSON has it; null for none.
type wireSetting struct {
	Setting string `json:"setting"`
	Value   any    `json:"value"`
	Origin  string `json:"origin"`
	// Source is the variable or the file.
	Source string `json:"source,omitempty"`
}

type wireConfig struct {
	Settings []wireSetting `json:"settings"`
}

// Run prints the settings.
func (c *configShowCmd) Run(a *app, parsed *kong.Context) error {
	if err := c.check(a); err != nil {
		return err
	}
	settings := a.flagSettings(parsed)
	fromAPI, err := c.apiSettings()
	if err != nil {
		return err
	}
	settings = append(settings, fromAPI...)
	a.nameLookups(settings)
	if a.globals.wantsJSON() {
		return a.printJSON(wireConfig{settings})
	}
	t := table{head: []string{"SETTING", "VALUE", "ORIGIN"}}
	for _, s := range settings {
		origin := s.Origin
		if s.Source != "" {
			origin += " " + s.Source
		}
		t.add(s.Setting, shown(s.Value), origin)
	}
	t.print(a)
	return nil
}

// shown writes a value for a reader.
func shown(value any) string {
	switch v := value.(type) {
	case nil:
		return "-"
	case string:
		return cmp.Or(v, "-")
	}
	b, err := json.Marshal(value)
	if err != nil {
		return fmt.Sprint(value)
	}
	return string(b)
}

// notOfServe are flags that do not change what a server does.
var notOfServe = []string{"help", "output", "at", "reveal", "color", "quiet"}

// flagSettings lists the flags with their values.
func (a *app) flagSettings(parsed *kong.Context) (settings []wireSetting) {
	given := map[string]bool{}
	for _, step := range parsed.Path {
		if step.Flag != nil {
			given[step.Flag.Name] = true
		}
	}
	for _, f := range parsed.Flags() {
		if slices.Contains(notOfServe, f.Name) {
			continue
		}
		s := wireSetting{Setting: "--" + f.Name, Value: f.Target.Interface(), Origin: fromDefault}
		if v, ok := s.Value.(fmt.Stringer); ok {
			s.Value = v.String()
		}
		if given[f.Name] {
			s.Origin = fromFlag
		} else if i := slices.IndexFunc(f.Envs, isSet); i >= 0 {
			s.Origin, s.Source = fromEnvironment, f.Envs[i]
		}
		switch f.Name { // those that read the environment, or follow from another, by themselves
		case "data":
			if dir := a.dataDir(); dir != a.globals.Data {
				s.Value, s.Origin, s.Source = dir, fromEnvironment, "FULLMAKT_DATA"
			}
		case "key-file":
			if dir := a.dataDir(); dir != "" {
				s.Value = a.keyFile(dir)
			}
		case "lang":
			if s.Origin == fromDefault {
				s.Value = string(a.texts.Lang)
				if isSet("FULLMAKT_LANG") {
					s.Origin, s.Source = fromEnvironment, "FULLMAKT_LANG"
				}
			}
		}
		if s.Value == "" || s.Value == "0s" {
			s.Value = nil
		}
		settings = append(settings, s)
	}
	slices.SortFunc(settings, func(x, y wireSetting) int { return strings.Compare(x.Setting, y.Setting) })
	return settings
}

// nameLookups fills in where look-ups are recorded when nothing names it.
func (a *app) nameLookups(settings []wireSetting) {
	var flag, file *wireSetting
	for i := range settings {
		switch settings[i].Setting {
		case "--lookups":
			flag = &settings[i]
		case "lookups.dir":
			file = &settings[i]
		}
	}
	if flag != nil && file != nil && flag.Value == nil && file.Value == "" && a.dataDir() != "" {
		flag.Value = filepath.Join(a.dataDir(), lookupsDir)
	}
}

// lookupsDir is where look-ups are recorded in the store's directory.
const lookupsDir = "lookups"

func isSet(variable string) bool { return os.Getenv(variable) != "" }

// apiSettings lists what the configuration file may say, defaults filled in.
func (c *configShowCmd) apiSettings() ([]wireSetting, error) {
	cfg, err := c.apiConfig(c.Addr)
	if err != nil {
		return nil, err
	}
	if cfg, err = cfg.Checked(); err != nil {
		return nil, err
	}
	inFile := map[string]any{}
	if c.Config != "" {
		data, err := os.ReadFile(c.Config)
		if err != nil {
			return nil, fullmakt.Errorf(fullmakt.CodeInvalid, "configuration: %w", err)
		}
		if err := leavesOf(data, inFile); err != nil {
			return nil, err
		}
	}
	data, err := json.Marshal(cfg)
	if err != nil {
		return nil, fullmakt.Errorf(fullmakt.CodeInternal, "configuration: %w", err)
	}
	leaves := map[string]any{}
	if err := leavesOf(data, leaves); err != nil {
		return nil, err
	}
	var settings []wireSetting
	for name, value := range leaves {
		s := wireSetting{Setting: name, Value: value, Origin: fromDefault}
		if _, ok := inFile[name]; ok {
			s.Origin, s.Source = fromFile, c.Config
		}
		settings = append(settings, s)
	}
	slices.SortFunc(settings, func(x, y wireSetting) int { return strings.Compare(x.Setting, y.Setting) })
	return settings, nil
}

// leavesOf puts the values of a JSON document into leaves, each under its path,
// such as authentication.issuers[0].name, in lower case as the names are read.
// Lists of plain values and empty ones are one leaf.
func leavesOf(data []byte, leaves map[string]any) error {
	var root any
	if err := json.Unmarshal(data, &root); err != nil {
		return fullmakt.Errorf(fullmakt.CodeInvalid, "configuration: %w", err)
	}
	var walk func(path string, v any)
	walk = func(path string, v any) {
		switch v := v.(type) {
		case map[string]any:
			for name, member := range v {
				walk(strings.TrimPrefix(path+"."+strings.ToLower(name), "."), member)
			}
			return
		case []any:
			if slices.ContainsFunc(v, isObject) {
				for i, member := range v {
					walk(path+"["+strconv.Itoa(i)+"]", member)
				}
				return
			}
		}
		leaves[path] = v
	}
	walk("", root)
	return nil
}

func isObject(v any) bool { _, ok := v.(map[string]any); return ok }

// check refuses flags that contradict themselves.
func (c *serveFlags) check(a *app) error {
	if c.MaxRegisterAge < 0 {
		return fullmakt.Errorf(fullmakt.CodeInvalid, "--max-register-age %s: want a duration above zero, such as 96h", c.MaxRegisterAge)
	}
	if c.Public && (a.dataDir() != "" || c.Config != "" || c.RequireToken) {
		return fullmakt.Errorf(fullmakt.CodeInvalid, "--public goes with --demo or --world, without --config and --require-token").
			WithHint("a register of your own is shown to those who sign in: see docs/signin.md")
	}
	if c.AdminAddr != "" {
		return checkAdmin(c.AdminAddr)
	}
	return nil
}

// apiConfig returns the configuration of the APIs: the file's, or one without
// authentication.
func (c *serveFlags) apiConfig(listen string) (api.Config, error) {
	cfg := api.Config{Authentication: api.Authentication{Off: true}}
	if c.Config != "" {
		var err error
		if cfg, err = api.LoadConfig(c.Config); err != nil {
			return cfg, err
		}
	}
	cfg.Listen = listen
	if c.Public {
		cfg.Listen = "127.0.0.1:0" // the APIs are not served at all
	}
	return cfg, nil
}
