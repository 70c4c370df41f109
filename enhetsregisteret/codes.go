package enhetsregisteret

import "github.com/fullmakt/fullmakt"

// Holders tells what kinds of party may hold a role.
type Holders uint8

// The kinds of holder.
const (
	HeldByPerson Holders = 1 << iota
	HeldByOrganisation
)

// RoleFeed tells where a role type is found.
type RoleFeed uint8

// The places. A link (knytning) ties two organisations together and is sent by
// CCR only; a derived role is sent by nobody (rule FORM-1).
const (
	InOpenData      RoleFeed = iota // in the open data and in CCR
	OnlyCCR                         // roles of persons or organisations in CCR alone
	Link                            // knytninger, in CCR alone
	DerivedByAltinn                 // named here only because a family (KONT) takes them along
)

// RoleType is one role type (rolletype) of the register.
type RoleType struct {
	Code    fullmakt.RoleCode
	Name    string // the register's Norwegian name
	Family  string // the role's group (rollegruppe), which is also CCR's samendring
	Holders Holders
	Feed    RoleFeed
}

// RoleTypes returns every role type known here, in the register's usual order.
// The table tells readers which codes belong together; a code that is not in it
// is read and kept all the same.
func RoleTypes() []RoleType { return roleTypes[:] }

// roleTypes is read only. Sources: the role lists of the open API and of the
// CCR batch specification.
var roleTypes = [...]RoleType{
	{"DAGL", "Daglig leder", "DAGL", HeldByPerson | HeldByOrganisation, InOpenData},
	{"LEDE", "Styrets leder", "STYR", HeldByPerson, InOpenData},
	{"NEST", "Nestleder", "STYR", HeldByPerson, InOpenData},
	{"MEDL", "Styremedlem", "STYR", HeldByPerson, InOpenData},
	{"VARA", "Varamedlem", "STYR", HeldByPerson, InOpenData},
	{"OBS", "Observatør", "STYR", HeldByPerson, InOpenData},
	{"INNH", "Innehaver", "INNH", HeldByPerson, InOpenData},
	{"DTSO", "Deltaker med fullt (solidarisk) ansvar", "DELT", HeldByPerson | HeldByOrganisation, InOpenData},
	{"DTPR", "Deltaker med delt (proratarisk) ansvar", "DELT", HeldByPerson | HeldByOrganisation, InOpenData},
	{"KOMP", "Komplementar", "KOMP", HeldByPerson | HeldByOrganisation, InOpenData},
	{"BEST", "Bestyrende reder", "BEST", HeldByPerson | HeldByOrganisation, InOpenData},
	{"BOBE", "Bostyrer", "BOBE", HeldByPerson, InOpenData},
	{"FFØR", "Forretningsfører", "FFØR", HeldByPerson | HeldByOrganisation, InOpenData},
	{"REGN", "Regnskapsfører", "REGN", HeldByPerson | HeldByOrganisation, InOpenData},
	{"REVI", "Revisor", "REVI", HeldByPerson | HeldByOrganisation, InOpenData},
	{"KONT", "Kontaktperson", "KONT", HeldByPerson, InOpenData},
	{"REPR", "Norsk representant for utenlandsk enhet", "REPR", HeldByPerson | HeldByOrganisation, InOpenData},
	{"SAM", "Sameier", "SAM", HeldByPerson | HeldByOrganisation, InOpenData},
	{"EIKM", "Eierkommune", "EIKM", HeldByOrganisation, InOpenData},
	{"HLSE", "Helseforetak", "HLSE", HeldByOrganisation, InOpenData},
	{"SIGN", "Signatur", "SIGN", HeldByPerson | HeldByOrganisation, OnlyCCR},
	{"SIFE", "Signatur i fellesskap", "SIGN", HeldByPerson | HeldByOrganisation, OnlyCCR},
	{"SIHV", "Signatur hver for seg", "SIGN", HeldByPerson, OnlyCCR},
	{"PROK", "Prokura", "PROK", HeldByPerson, OnlyCCR},
	{"POFE", "Prokura i fellesskap", "PROK", HeldByPerson, OnlyCCR},
	{"POHV", "Prokura hver for seg", "PROK", HeldByPerson, OnlyCCR},
	{"HLED", "Leder i partiets utøvende organ", "HOST", HeldByPerson, OnlyCCR},
	{"HNST", "Nestleder i partiets utøvende organ", "HOST", HeldByPerson, OnlyCCR},
	{"HMDL", "Styremedlem i partiets utøvende organ", "HOST", HeldByPerson, OnlyCCR},
	{"HVAR", "Varamedlem i partiets utøvende organ", "HOST", HeldByPerson, OnlyCCR},
	{"STFT", "Stifter", "STFT", HeldByPerson, OnlyCCR},
	{"AVKL", "Forestår avvikling", "AVKL", HeldByPerson, OnlyCCR},
	{"ESGR", "Elektronisk signeringsrett", "ESGR", HeldByPerson | HeldByOrganisation, OnlyCCR},
	{"ETDL", "Tildeler av elektronisk signeringsrett", "ESGR", HeldByPerson | HeldByOrganisation, OnlyCCR},
	{"BEDR", "Har som registreringsenhet (BEDR → hovedenhet)", "BEDR", HeldByOrganisation, Link},
	{"AAFY", "Har som registreringsenhet (AAFY → hovedenhet)", "AAFY", HeldByOrganisation, Link},
	{"ORGL", "Organisasjonsledd i offentlig sektor", "ORGL", HeldByOrganisation, Link},
	{"ADOS", "Administrativ enhet - offentlig sektor", "ADOS", HeldByOrganisation, Link},
	{"OPMV", "Er særskilt oppdelt enhet til", "OPMV", HeldByOrganisation, Link},
	{"KDEB", "Konkursdebitor", "KDEB", HeldByOrganisation, Link},
	{"KENK", "Den personlige konkursen angår", "KENK", HeldByOrganisation, Link},
	{"HFOR", "Hovedforetak (NUF → UTLA)", "HFOR", HeldByOrganisation, Link},
	{"FGRP", "Inngår i foretaksgruppe med", "FGRP", HeldByOrganisation, Link},
	{"KMOR", "Har som mor i konsern", "KMOR", HeldByOrganisation, Link},
	{"KDAT", "Har som datter i konsern", "KDAT", HeldByOrganisation, Link},
	{"KGRL", "Har som grunnlag for konsern", "KGRL", HeldByOrganisation, Link},
	{"KIRK", "Inngår i kirkelig fellesråd", "KIRK", HeldByOrganisation, Link},
	{"KTRF", "Inngår i kontorfellesskap", "KTRF", HeldByOrganisation, Link},
	{"UTBG", "Er frivillig registrert utleiebygg for", "UTBG", HeldByOrganisation, Link},
	{"VIFE", "Er virksomhet drevet i fellesskap av", "VIFE", HeldByOrganisation, Link},
	{"FISJ", "Skal fisjoneres med", "FISJ", HeldByOrganisation, Link},
	{"FUSJ", "Skal fusjoneres med", "FUSJ", HeldByOrganisation, Link},
	{"READ", "Er revisoradresse for", "REVI", HeldByOrganisation, Link},
	{"RFAD", "Er regnskapsføreradresse for", "REGN", HeldByOrganisation, Link},
	{"KNUF", "Kontaktperson for NUF", "KONT", HeldByPerson, DerivedByAltinn},
	{"KOMK", "Kontaktperson i kommune", "KONT", HeldByPerson, DerivedByAltinn},
	{"KEMN", "Kontaktperson i adm. enhet", "KONT", HeldByPerson, DerivedByAltinn},
	{"SREVA", "Revisor registrert i revisorregisteret", "KONT", HeldByPerson, DerivedByAltinn},
}

// RoleGroup is one group of roles (rollegruppe in the open data, samendring in
// CCR), the unit in which role sets are replaced.
type RoleGroup struct {
	Code    string
	Name    string // the register's Norwegian name; "" for a group only CCR has
	Members []fullmakt.RoleCode
}

// RoleGroups returns every group with its members. READ and RFAD, links of
// their own kind, fall with the auditor and the accountant; the contact roles
// that Altinn derives fall with KONT.
func RoleGroups() []RoleGroup { return roleGroups[:] }

var roleGroups = [...]RoleGroup{
	{"DAGL", "Daglig leder", []fullmakt.RoleCode{"DAGL"}},
	{"STYR", "Styre", []fullmakt.RoleCode{"LEDE", "NEST", "MEDL", "VARA", "OBS"}},
	{"INNH", "Innehaver", []fullmakt.RoleCode{"INNH"}},
	{"DELT", "Deltakere", []fullmakt.RoleCode{"DTSO", "DTPR"}},
	{"KOMP", "Komplementar", []fullmakt.RoleCode{"KOMP"}},
	{"BEST", "Bestyrende reder", []fullmakt.RoleCode{"BEST"}},
	{"BOBE", "Bostyrer", []fullmakt.RoleCode{"BOBE"}},
	{"FFØR", "Forretningsfører", []fullmakt.RoleCode{"FFØR"}},
	{"REGN", "Regnskapsfører", []fullmakt.RoleCode{"REGN", "RFAD"}},
	{"REVI", "Revisor", []fullmakt.RoleCode{"REVI", "READ"}},
	{"KONT", "Kontaktperson", []fullmakt.RoleCode{"KONT", "KNUF", "KOMK", "KEMN", "SREVA"}},
	{"REPR", "Norsk representant for utenlandsk enhet", []fullmakt.RoleCode{"REPR"}},
	{"SAM", "Sameiere", []fullmakt.RoleCode{"SAM"}},
	{"EIKM", "Eierkommuner", []fullmakt.RoleCode{"EIKM"}},
	{"HLSE", "Helseforetak", []fullmakt.RoleCode{"HLSE"}},
	{"SIGN", "", []fullmakt.RoleCode{"SIGN", "SIFE", "SIHV"}},
	{"PROK", "", []fullmakt.RoleCode{"PROK", "POFE", "POHV"}},
	{"HOST", "", []fullmakt.RoleCode{"HLED", "HNST", "HMDL", "HVAR"}},
	{"STFT", "", []fullmakt.RoleCode{"STFT"}},
	{"AVKL", "", []fullmakt.RoleCode{"AVKL"}},
	{"ESGR", "", []fullmakt.RoleCode{"ESGR", "ETDL"}},
	{"BEDR", "", []fullmakt.RoleCode{"BEDR"}},
	{"AAFY", "", []fullmakt.RoleCode{"AAFY"}},
	{"ORGL", "", []fullmakt.RoleCode{"ORGL"}},
	{"ADOS", "", []fullmakt.RoleCode{"ADOS"}},
	{"OPMV", "", []fullmakt.RoleCode{"OPMV"}},
	{"KDEB", "", []fullmakt.RoleCode{"KDEB"}},
	{"KENK", "", []fullmakt.RoleCode{"KENK"}},
	{"HFOR", "", []fullmakt.RoleCode{"HFOR"}},
	{"FGRP", "", []fullmakt.RoleCode{"FGRP"}},
	{"KMOR", "", []fullmakt.RoleCode{"KMOR"}},
	{"KDAT", "", []fullmakt.RoleCode{"KDAT"}},
	{"KGRL", "", []fullmakt.RoleCode{"KGRL"}},
	{"KIRK", "", []fullmakt.RoleCode{"KIRK"}},
	{"KTRF", "", []fullmakt.RoleCode{"KTRF"}},
	{"UTBG", "", []fullmakt.RoleCode{"UTBG"}},
	{"VIFE", "", []fullmakt.RoleCode{"VIFE"}},
	{"FISJ", "", []fullmakt.RoleCode{"FISJ"}},
	{"FUSJ", "", []fullmakt.RoleCode{"FUSJ"}},
}

// Form is one organisation form (organisasjonsform) of the register.
type Form struct {
	Code    fullmakt.OrgForm
	Name    string // the register's Norwegian name
	SubUnit bool   // delivered in the file of sub-units
	Expired bool   // no longer given to new units
}

// Forms returns the organisation forms, main units first.
func Forms() []Form { return forms[:] }

var forms = [...]Form{
	{Code: "ENK", Name: "Enkeltpersonforetak"},
	{Code: "AS", Name: "Aksjeselskap"},
	{Code: "FLI", Name: "Forening/lag/innretning"},
	{Code: "ESEK", Name: "Eierseksjonssameie"},
	{Code: "UTLA", Name: "Utenlandsk enhet"},
	{Code: "NUF", Name: "Norskregistrert utenlandsk foretak"},
	{Code: "DA", Name: "Ansvarlig selskap med delt ansvar"},
	{Code: "BRL", Name: "Borettslag"},
	{Code: "ANS", Name: "Ansvarlig selskap med solidarisk ansvar"},
	{Code: "ORGL", Name: "Organisasjonsledd"},
	{Code: "KBO", Name: "Konkursbo"},
	{Code: "SAM", Name: "Tingsrettslig sameie"},
	{Code: "STI", Name: "Stiftelse"},
	{Code: "SA", Name: "Samvirkeforetak"},
	{Code: "PERS", Name: "Andre enkeltpersoner som registreres i tilknyttet register"},
	{Code: "KTRF", Name: "Kontorfellesskap"},
	{Code: "IKJP", Name: "Andre ikke-juridiske personer"},
	{Code: "KIRK", Name: "Den norske kirke"},
	{Code: "VPFO", Name: "Verdipapirfond"},
	{Code: "KS", Name: "Kommandittselskap"},
	{Code: "ANNA", Name: "Annen juridisk person"},
	{Code: "BA", Name: "Selskap med begrenset ansvar"},
	{Code: "TVAM", Name: "Tvangsregistrert for MVA"},
	{Code: "PRE", Name: "Partrederi"},
	{Code: "OPMV", Name: "Særskilt oppdelt enhet, jf. mval. § 2-2"},
	{Code: "KOMM", Name: "Kommune"},
	{Code: "ADOS", Name: "Administrativ enhet - offentlig sektor"},
	{Code: "ASA", Name: "Allmennaksjeselskap"},
	{Code: "IKS", Name: "Interkommunalt selskap"},
	{Code: "KF", Name: "Kommunalt foretak"},
	{Code: "BO", Name: "Andre bo"},
	{Code: "SPA", Name: "Sparebank"},
	{Code: "PK", Name: "Pensjonskasse"},
	{Code: "SÆR", Name: "Annet foretak iflg. særskilt lov"},
	{Code: "BBL", Name: "Boligbyggelag"},
	{Code: "FYLK", Name: "Fylkeskommune"},
	{Code: "GFS", Name: "Gjensidig forsikringsselskap"},
	{Code: "FKF", Name: "Fylkeskommunalt foretak"},
	{Code: "SF", Name: "Statsforetak"},
	{Code: "EOFG", Name: "Europeisk økonomisk foretaksgruppe"},
	{Code: "SE", Name: "Europeisk selskap"},
	{Code: "STAT", Name: "Staten"},
	{Code: "REV", Name: "Revisor", Expired: true},
	{Code: "UTBG", Name: "Frivillig registrert utleiebygg", Expired: true},
	{Code: "BEDR", Name: "Underenhet til næringsdrivende og offentlig forvaltning", SubUnit: true},
	{Code: "AAFY", Name: "Underenhet til ikke-næringsdrivende", SubUnit: true},
}

// Family returns the group that a role code falls in and the group's members. A
// code unknown to the tables is a family of its own.
func Family(code fullmakt.RoleCode) RoleGroup {
	for i := range roleTypes {
		if roleTypes[i].Code == code {
			return family(roleTypes[i].Family)
		}
	}
	return family(string(code))
}

// family returns the group with this code, or one that holds just the role of
// the same code.
func family(code string) RoleGroup {
	for i := range roleGroups {
		if roleGroups[i].Code == code {
			return roleGroups[i]
		}
	}
	return RoleGroup{Code: code, Members: []fullmakt.RoleCode{fullmakt.RoleCode(code)}}
}

// roleType returns the role type with this code.
func roleType(code string) (RoleType, bool) {
	for i := range roleTypes {
		if string(roleTypes[i].Code) == code {
			return roleTypes[i], true
		}
	}
	return RoleType{}, false
}
