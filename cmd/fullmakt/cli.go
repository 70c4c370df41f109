package main

// cli is the grammar of the command line.
type cli struct {
	globals

	Check   checkCmd   `cmd:"" group:"ask" help:"Answer whether a party may act on behalf of another: yes or no."`
	Explain explainCmd `cmd:"" group:"ask" help:"Answer the same with every path, every near miss, the rules and what would change the answer."`
	List    listCmd    `cmd:"" group:"ask" help:"List who may act for a party, or whom a party may act for."`
	Search  searchCmd  `cmd:"" group:"ask" help:"Find parties by name or organisation number."`
	Events  eventsCmd  `cmd:"" group:"ask" help:"Show what happened, in order, and what authority came of it."`

	Catalogue      catalogueCmd      `cmd:"" group:"ask" help:"Read the catalogue of access packages, areas and roles."`
	Registry       registryCmd       `cmd:"" group:"register" help:"List, show, compare and import resources with their policies."`
	Grant          grantCmd          `cmd:"" group:"give" help:"Give packages or single rights."`
	Revoke         revokeCmd         `cmd:"" group:"give" help:"Take back what was given."`
	Renounce       renounceCmd       `cmd:"" group:"give" help:"Give up what was received."`
	Clients        clientsCmd        `cmd:"" group:"give" help:"List a provider's clients, and let agents act for them."`
	Agents         agentsCmd         `cmd:"" group:"give" help:"List, add and remove a provider's agents."`
	Scopes         scopesCmd         `cmd:"" group:"give" help:"List, give and take back Maskinporten scopes."`
	Requests       requestsCmd       `cmd:"" group:"give" help:"Ask for access, and answer those who ask."`
	SystemUser     systemUserCmd     `cmd:"" group:"give" help:"Ask for, make, change and end system users (systembrukere)."`
	Undo           undoCmd           `cmd:"" group:"give" help:"Undo what a revision gave or took back."`
	Import         importCmd         `cmd:"" group:"register" help:"Read files of Enhetsregisteret into the store."`
	Follow         followCmd         `cmd:"" group:"register" help:"Follow the update feeds of Enhetsregisteret."`
	EnterpriseUser enterpriseUserCmd `cmd:"" group:"register" help:"Add, list and end enterprise users (virksomhetsbrukere), and give them ECKEY."`
	Doctor         doctorCmd         `cmd:"" group:"register" help:"Check the store and the snapshot file, and say what to do."`
	Backup         backupCmd         `cmd:"" group:"register" help:"Copy the store to a file while it is in use."`
	Restore        restoreCmd        `cmd:"" group:"register" help:"Make a store from a backup, in a new directory."`
	Key            keyCmd            `cmd:"" group:"register" help:"Give the store a new key."`
	Serve          serveCmd          `cmd:"" group:"register" help:"Serve a front page and /healthz over HTTP."`
	Config         configCmd         `cmd:"" group:"register" help:"Show the settings of serve and where they come from."`
	Assert         assertCmd         `cmd:"" group:"more" help:"Run the questions of world files and compare the answers, as in CI."`
	Generate       generateCmd       `cmd:"" group:"more" help:"Write a synthetic Norway as register files."`
	XACML          xacmlCmd          `cmd:"" name:"xacml" group:"more" help:"Decide, check and test XACML 3.0 policies."`
	Audit          auditCmd          `cmd:"" group:"more" help:"Verify, query and export the log of look-ups."`
	Client         clientCmd         `cmd:"" group:"more" help:"Make test clients of the mock Maskinporten."`
	Token          tokenCmd          `cmd:"" group:"more" help:"Get an access token for a test client."`
	Version        versionCmd        `cmd:"" group:"more" help:"Print the version."`
	Completion     completionCmd     `cmd:"" group:"more" help:"Print a completion script for a shell."`
}

// The values of --output.
const (
	outputText     = "text"
	outputTable    = "table"
	outputJSON     = "json"
	outputMarkdown = "markdown"
)

// globals are the flags that every command takes, before or after its name.
type globals struct {
	Demo         bool   `group:"global" help:"Ask the built-in demo register, in memory. Everything in it is invented."`
	World        string `group:"global" placeholder:"FILE" help:"Ask the register of a world file, in memory."`
	Data         string `group:"global" placeholder:"DIR" help:"Use the store in this directory (FULLMAKT_DATA)."`
	KeyFile      string `group:"global" placeholder:"FILE" env:"FULLMAKT_KEY_FILE" help:"The store's key. Default: DIR.key beside the store."`
	CatalogueDir string `group:"global" name:"catalogue" placeholder:"DIR" env:"FULLMAKT_CATALOGUE" help:"An overlay of the catalogue: entries to add, replace or end."`
	Lang         string `group:"global" placeholder:"LANG" help:"Language of answers: nb, nn or en (FULLMAKT_LANG, else the locale)."`
	Output       string `group:"global" short:"o" default:"text" enum:"text,table,json,markdown" env:"FULLMAKT_OUTPUT" help:"Output: text, json; for catalogue also markdown."`
	At           string `group:"global" placeholder:"TIME" help:"The time asked about: 2026-03-03, '2026-03-03 14:00' or RFC 3339. Default: now."`
	Reveal       bool   `group:"global" help:"Print identity numbers of real persons in full. It is logged."`
	Color        string `group:"global" default:"auto" enum:"auto,always,never" env:"FULLMAKT_COLOR" help:"Colour: auto, always or never."`
	Quiet        bool   `group:"global" short:"q" help:"Print no result of check and explain, and no progress; the exit status tells."`
}

func (g *globals) wantsJSON() bool { return g.Output == outputJSON }

// asksJSON reports whether arguments that could not be parsed asked for JSON, so
// that the error is JSON too.
func asksJSON(args []string) bool {
	for i, arg := range args {
		switch arg {
		case "-ojson", "-o=json", "--output=json":
			return true
		case "-o", "--output":
			if i+1 < len(args) && args[i+1] == outputJSON {
				return true
			}
		}
	}
	return false
}
