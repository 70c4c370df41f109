package fullmakt

// RoleCode is a role's code as Enhetsregisteret writes it (DAGL, FFØR), or for a
// role that only Altinn has, Altinn's code (hovedadministrator). A code that no
// catalogue knows is kept and confers nothing.
type RoleCode string

// The role codes that rules name. The first eight are the key roles
// (nøkkelroller) of the register.
const (
	DAGL RoleCode = "DAGL" // daglig leder, managing director
	LEDE RoleCode = "LEDE" // styrets leder, chair of the board
	INNH RoleCode = "INNH" // innehaver, sole proprietor
	DTSO RoleCode = "DTSO" // deltaker med fullt (solidarisk) ansvar
	DTPR RoleCode = "DTPR" // deltaker med delt (proratarisk) ansvar
	KOMP RoleCode = "KOMP" // komplementar, general partner
	BEST RoleCode = "BEST" // bestyrende reder, managing shipowner
	BOBE RoleCode = "BOBE" // bostyrer, administrator of an estate

	// ECKEY is "Fullmakt for leverandør", held by an enterprise user at the
	// organisation that owns it. It opens the hop (rule NEST-2) and confers no
	// package by itself.
	ECKEY RoleCode = "ECKEYROLE"

	KONT RoleCode = "KONT" // kontaktperson
	KNUF RoleCode = "KNUF" // kontaktperson NUF, derived from KONT (rule FORM-1)
	REGN RoleCode = "REGN" // regnskapsfører, accountant
	REVI RoleCode = "REVI" // revisor, auditor

	MainAdministrator RoleCode = "hovedadministrator" // the set a main administrator may give (rule GIVE-2)
	PrivatePerson     RoleCode = "privatperson"       // what a living person has for itself (rule SELF)
)

// OrgForm is an organisation form (organisasjonsform) as the register writes it:
// AS, ENK, NUF, BEDR, SÆR.
type OrgForm string

// The organisation forms that rules name.
const (
	FormENK  OrgForm = "ENK"  // enkeltpersonforetak, sole proprietorship
	FormIKS  OrgForm = "IKS"  // interkommunalt selskap, inter-municipal company
	FormNUF  OrgForm = "NUF"  // norskregistrert utenlandsk foretak
	FormBEDR OrgForm = "BEDR" // underenhet til næringsdrivende
	FormAAFY OrgForm = "AAFY" // underenhet til ikke-næringsdrivende
)

// SubUnit reports whether units of this form are sub-units (underenheter), which
// take their main unit's authority (rule SUB).
func (f OrgForm) SubUnit() bool { return f == FormBEDR || f == FormAAFY }
