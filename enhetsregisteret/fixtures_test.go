package enhetsregisteret

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/fullmakt/fullmakt"
)

// The fixtures of this package are written here, in the shapes of the real
// files, with synthetic numbers and invented names.

const apiHost = "https://data.brreg.example/enhetsregisteret/api"

// org returns the nth of a row of valid synthetic organisation numbers.
func org(n int) fullmakt.OrgNumber { return fullmakt.NextOrgNumber(uint32(31_000_000 + 7*n)) }

// unitJSON returns an element of the file enheter, indented as there, with
// extra members (such as `"konkurs": true,`) among the usual ones.
func unitJSON(n int, form, extra string) string {
	return fmt.Sprintf(`  {
    "organisasjonsnummer" : "%[1]s",
    "navn" : "FØRST OG \"FREMST\" %[2]d AS",
    "organisasjonsform" : {
      "kode" : "%[3]s",
      "beskrivelse" : "En form med konkurs",
      "links" : [ ]
    },
    "hjemmeside" : "www.eksempel%[2]d.example",
    "postadresse" : {
      "land" : "Norge",
      "landkode" : "NO",
      "postnummer" : "0122",
      "poststed" : "OSLO",
      "adresse" : [ "c/o {en} [parentes]", null, "" ],
      "kommune" : "OSLO",
      "kommunenummer" : "0301"
    },
    "registreringsdatoEnhetsregisteret" : "2017-10-20",
    "registrertIMvaregisteret" : true,
    "naeringskode1" : {
      "kode" : "52.292",
      "beskrivelse" : "Skipsmegling"
    },
    "antallAnsatte" : 50,
    "harRegistrertAntallAnsatte" : true,
    "forretningsadresse" : {
      "land" : "Norge",
      "landkode" : "NO",
      "postnummer" : "0101",
      "poststed" : "OSLO",
      "adresse" : [ "Eksempelveien %[2]d" ],
      "kommune" : "OSLO",
      "kommunenummer" : "0301"
    },
    "stiftelsesdato" : "2017-10-20",
    "institusjonellSektorkode" : {
      "kode" : "2100",
      "beskrivelse" : "Private aksjeselskaper mv."
    },
    "registrertIForetaksregisteret" : true,
    "registrertIStiftelsesregisteret" : false,
    "registrertIFrivillighetsregisteret" : false,
    "sisteInnsendteAarsregnskap" : "2024",
    %[4]s
    "konkursdato" : "",
    "maalform" : "Bokmål",
    "vedtektsdato" : "2025-05-14",
    "vedtektsfestetFormaal" : [ "Å drive med eksempler, og alt som dermed står", "i naturlig sammenheng." ],
    "aktivitet" : [ "Eksempler." ],
    "paategninger" : [ ],
    "kapital" : {
      "belop" : 6392018780.0,
      "antallAksjer" : 2556807512,
      "type" : "Aksjekapital",
      "valuta" : "NOK"
    },
    "historiskeNavn" : [ {
      "navn" : "DET FORRIGE NAVNET",
      "fraDato" : "2017-10-20T00:00:00"
    } ],
    "links" : [ ],
    "respons_klasse" : "Enhet"
  }`, org(n), n, form, extra)
}

func subUnitJSON(n int, extra string) string {
	return fmt.Sprintf(`  {
    "organisasjonsnummer" : "%[1]s",
    "navn" : "AVDELING %[2]d",
    "organisasjonsform" : {
      "kode" : "BEDR",
      "beskrivelse" : "Underenhet til næringsdrivende og offentlig forvaltning",
      "_links" : {
        "self" : {
          "href" : "%[4]s/organisasjonsformer/BEDR"
        }
      }
    },
    "registreringsdatoEnhetsregisteret" : "2010-01-01",
    "naeringskode1" : {
      "beskrivelse" : "Produksjon av annet yttertøy",
      "kode" : "14.130"
    },
    "antallAnsatte" : 4,
    %[3]s
    "oppstartsdato" : "2010-01-01",
    "beliggenhetsadresse" : {
      "land" : "Norge",
      "postnummer" : "0661",
      "adresse" : [ "Eksempelveien 3", null, null ]
    },
    "_links" : {
      "self" : {
        "href" : "%[4]s/underenheter/%[1]s"
      }
    }
  }`, org(n), n, extra, apiHost)
}

func typeJSON(kind, code string) string {
	return fmt.Sprintf(`{
          "_links" : {
            "self" : {
              "href" : "%s/roller/%s/%s"
            }
          },
          "beskrivelse" : "Beskrivelse av %s",
          "kode" : "%s"
        }`, apiHost, kind, code, code, code)
}

func personRoleJSON(code, born, first, last, extra string) string {
	return fmt.Sprintf(`{
        "avregistrert" : false,
        %s
        "person" : {
          "erDoed" : false,
          "fodselsdato" : "%s",
          "navn" : {
            "etternavn" : "%s",
            "fornavn" : "%s"
          }
        },
        "rekkefolge" : 0,
        "type" : %s
      }`, extra, born, last, first, typeJSON("rolletyper", code))
}

func orgRoleJSON(code string, holder fullmakt.OrgNumber, extra string) string {
	return fmt.Sprintf(`{
        "avregistrert" : false,
        "enhet" : {
          "organisasjonsnummer" : "%[1]s",
          "organisasjonsform" : {
            "kode" : "AS",
            "beskrivelse" : "Aksjeselskap"
          },
          "navn" : [ "HOLDER", "%[1]s AS" ],
          %[3]s
          "_links" : {
            "self" : {
              "href" : "%[4]s/enheter/%[1]s"
            }
          }
        },
        "ansvarsandel" : "50%%",
        "type" : %[2]s
      }`, holder, typeJSON("rolletyper", code), extra, apiHost)
}

func groupJSON(code, changed string, roles ...string) string {
	return fmt.Sprintf(`{
      "roller" : [ %s ],
      "sistEndret" : "%s",
      "type" : %s
    }`, strings.Join(roles, ", "), changed, typeJSON("rollegruppetyper", code))
}

func rolesJSON(n int, groups ...string) string {
	return fmt.Sprintf(`  {
    "_links" : {
      "self" : {
        "href" : "%[2]s/enheter/%[1]s/roller"
      },
      "enhet" : {
        "href" : "%[2]s/enheter/%[1]s"
      }
    },
    "organisasjonsnummer" : "%[1]s",
    "rollegrupper" : [ %[3]s ]
  }`, org(n), apiHost, strings.Join(groups, ", "))
}

func listJSON(elements ...string) string { return "[\n" + strings.Join(elements, ",\n") + "\n]\n" }

// bulkFile returns about size bytes of a file of the kind.
func bulkFile(kind Kind, size int) []byte {
	var b bytes.Buffer
	b.WriteString("[\n")
	for n := 0; b.Len() < size; n++ {
		if n > 0 {
			b.WriteString(",\n")
		}
		switch kind {
		case KindUnits:
			b.WriteString(unitJSON(n, "AS", `"konkurs" : false, "underAvvikling" : false,`))
		case KindSubUnits:
			b.WriteString(subUnitJSON(n, fmt.Sprintf(`"overordnetEnhet" : "%s",`, org(n+1))))
		default:
			b.WriteString(rolesJSON(n,
				groupJSON("DAGL", "2020-01-01", personRoleJSON("DAGL", "1980-01-01", "KARI", fmt.Sprintf("NORDMANN%d", n), "")),
				groupJSON("STYR", "2021-01-01",
					personRoleJSON("LEDE", "1980-01-01", "KARI", fmt.Sprintf("NORDMANN%d", n), ""),
					personRoleJSON("MEDL", "1975-05-05", "OLA", "NORDMANN", "")),
				groupJSON("REGN", "2022-01-01", orgRoleJSON("REGN", org(n+5), `"erSlettet" : false,`))))
		}
	}
	b.WriteString("\n]\n")
	return b.Bytes()
}
