package enhetsregisteret

// formShape tells how units of one organisation form look: how many there are
// at scale 1, and how often their roles are filled. The counts and means are
// estimates, calibrated to the register's known totals; they are shapes, not
// statistics.
type formShape struct {
	code, name   string
	count, least int // units at scale 1, and the fewest at any scale

	dagl, lede       float64 // share of units with the role
	medl, vara       float64 // mean number, of units with a chair
	regn, revi, ffor float64
	kont             float64
	subs, more       float64 // share with a sub-unit; mean number beyond the first, of those
	sector           string
	business         bool // in Foretaksregisteret
	suffix           string
}

// The two forms of sub-units, which no shape has.
const (
	bedrName = "Underenhet til næringsdrivende og offentlig forvaltning"
	aafyName = "Underenhet til ikke-næringsdrivende"
)

// formShapes is read only. Its order decides the numbering of forms.
var formShapes = [...]formShape{
	{code: "ENK", name: "Enkeltpersonforetak", count: 430_000, least: 20, dagl: .01, regn: .25, revi: .003, subs: .79, sector: "8200"},
	{code: "AS", name: "Aksjeselskap", count: 418_000, least: 120, dagl: .80, lede: .98, medl: .80, vara: .45, regn: .72, revi: .27, ffor: .02, subs: .80, more: .045, sector: "2100", business: true, suffix: "AS"},
	{code: "FLI", name: "Forening/lag/innretning", count: 131_000, least: 8, dagl: .12, lede: .92, medl: 2.6, vara: .43, regn: .05, revi: .03, ffor: .02, kont: .12, subs: .34, sector: "7000"},
	{code: "ESEK", name: "Eierseksjonssameie", count: 40_000, least: 3, dagl: .01, lede: .93, medl: 2.37, vara: .65, regn: .10, revi: .10, ffor: .62, kont: .03, subs: .1, sector: "8300"},
	{code: "UTLA", name: "Utenlandsk enhet", count: 30_000, least: 3, kont: .05, sector: "9000"},
	{code: "NUF", name: "Norskregistrert utenlandsk foretak", count: 27_000, least: 3, dagl: .35, lede: .25, medl: 2, vara: .4, regn: .45, revi: .15, kont: .55, subs: .75, more: .05, sector: "2100", business: true, suffix: "NUF"},
	{code: "DA", name: "Ansvarlig selskap med delt ansvar", count: 15_500, least: 3, dagl: .25, lede: .35, medl: 2.3, vara: .57, regn: .55, revi: .03, kont: .02, subs: .85, sector: "2300", business: true, suffix: "DA"},
	{code: "BRL", name: "Borettslag", count: 14_500, least: 3, dagl: .03, lede: .99, medl: 2.8, vara: 1.2, regn: .12, revi: .90, ffor: .82, subs: .3, sector: "8300", business: true, suffix: "BORETTSLAG"},
	{code: "ANS", name: "Ansvarlig selskap med solidarisk ansvar", count: 9_500, least: 3, dagl: .22, lede: .25, medl: 2.4, vara: .6, regn: .5, revi: .03, kont: .02, subs: .85, sector: "2300", business: true, suffix: "ANS"},
	{code: "ORGL", name: "Organisasjonsledd", count: 9_000, least: 8, dagl: .85, lede: .02, revi: .02, kont: .12, subs: .85, more: 3.2, sector: "6500"},
	{code: "KBO", name: "Konkursbo", count: 8_000, least: 12, sector: "8500", suffix: "KONKURSBO"},
	{code: "SAM", name: "Tingsrettslig sameie", count: 8_000, least: 2, dagl: .02, lede: .25, medl: 2, vara: .2, regn: .05, revi: .01, ffor: .15, kont: .5, subs: .1, sector: "8300", suffix: "SAMEIE"},
	{code: "STI", name: "Stiftelse", count: 6_600, least: 2, dagl: .55, lede: .99, medl: 3.2, vara: .8, regn: .45, revi: .97, ffor: .1, subs: .8, more: .1, sector: "7000", suffix: "STIFTELSE"},
	{code: "SA", name: "Samvirkeforetak", count: 4_800, least: 2, dagl: .45, lede: 1, medl: 3.6, vara: 1.5, regn: .35, revi: .65, ffor: .05, subs: .8, more: .1, sector: "2500", business: true, suffix: "SA"},
	{code: "PERS", name: "Andre enkeltpersoner som registreres i tilknyttet register", count: 4_500, least: 1, sector: "8500"},
	{code: "KTRF", name: "Kontorfellesskap", count: 2_500, least: 1, kont: .7, subs: .2, sector: "2300", suffix: "KONTORFELLESSKAP"},
	{code: "IKJP", name: "Andre ikke-juridiske personer", count: 2_300, least: 1, kont: .6, sector: "8500"},
	{code: "ANNA", name: "Annen juridisk person", count: 1_500, least: 1, dagl: .3, lede: .8, medl: 2.5, vara: .6, regn: .2, revi: .3, kont: .1, subs: .3, sector: "7000"},
	{code: "KIRK", name: "Den norske kirke", count: 1_500, least: 1, dagl: .7, lede: .95, medl: 4, vara: 1.5, regn: .05, revi: .6, subs: .6, sector: "7000", suffix: "SOKN"},
	{code: "VPFO", name: "Verdipapirfond", count: 1_400, least: 1, revi: .9, ffor: 1, sector: "4300", suffix: "FOND"},
	{code: "KS", name: "Kommandittselskap", count: 1_000, least: 3, dagl: .4, lede: .9, medl: 2, vara: .45, regn: .6, revi: .6, ffor: .35, subs: .6, sector: "2300", business: true, suffix: "KS"},
	{code: "KOMM", name: "Kommune", count: 357, least: 6, dagl: .99, lede: .6, medl: .3, revi: .9, kont: .02, subs: 1, more: 59, sector: "6500", suffix: "KOMMUNE"},
	{code: "BA", name: "Selskap med begrenset ansvar", count: 300, least: 1, dagl: .45, lede: 1, medl: 3, vara: 1, regn: .4, revi: .6, subs: .8, sector: "2500", business: true, suffix: "BA"},
	{code: "TVAM", name: "Tvangsregistrert for MVA", count: 300, least: 1, sector: "8200"},
	{code: "PRE", name: "Partrederi", count: 300, least: 2, dagl: .2, lede: .1, medl: 2, regn: .7, revi: .1, subs: .9, sector: "2300", business: true, suffix: "PARTREDERI"},
	{code: "ADOS", name: "Administrativ enhet - offentlig sektor", count: 300, least: 1, dagl: .5, kont: .6, subs: .2, sector: "6500"},
	{code: "OPMV", name: "Særskilt oppdelt enhet, jf. mval. § 2-2", count: 250, least: 1, sector: "2100"},
	{code: "ASA", name: "Allmennaksjeselskap", count: 219, least: 1, dagl: 1, lede: 1, medl: 5.5, vara: 1, regn: .3, revi: 1, subs: .9, more: 2, sector: "2100", business: true, suffix: "ASA"},
	{code: "IKS", name: "Interkommunalt selskap", count: 180, least: 2, dagl: .95, lede: 1, medl: 4.5, vara: 2.5, regn: .2, revi: .95, subs: .95, more: 1, sector: "1510", business: true, suffix: "IKS"},
	{code: "KF", name: "Kommunalt foretak", count: 170, least: 1, dagl: .98, lede: 1, medl: 4, vara: 2, regn: .1, revi: .8, subs: .9, sector: "1510", business: true, suffix: "KF"},
	{code: "BO", name: "Andre bo", count: 150, least: 1, sector: "8500", suffix: "BO"},
	{code: "SPA", name: "Sparebank", count: 85, least: 1, dagl: 1, lede: 1, medl: 5, vara: 2, revi: 1, subs: 1, more: 3, sector: "3200", business: true, suffix: "SPAREBANK"},
	{code: "PK", name: "Pensjonskasse", count: 85, least: 1, dagl: .95, lede: 1, medl: 4, vara: 2, regn: .3, revi: 1, ffor: .2, subs: .4, sector: "5700", business: true, suffix: "PENSJONSKASSE"},
	{code: "SÆR", name: "Annet foretak iflg. særskilt lov", count: 60, least: 2, dagl: 1, lede: 1, medl: 6, vara: 1.5, revi: .9, subs: .9, more: 4, sector: "6100", business: true},
	{code: "BBL", name: "Boligbyggelag", count: 41, least: 1, dagl: 1, lede: 1, medl: 5, vara: 3, regn: .2, revi: 1, subs: 1, more: .5, sector: "2500", business: true, suffix: "BBL"},
	{code: "GFS", name: "Gjensidig forsikringsselskap", count: 20, least: 1, dagl: .9, lede: 1, medl: 4, vara: 2, revi: 1, subs: .9, sector: "5500", business: true, suffix: "GJENSIDIG FORSIKRING"},
	{code: "FYLK", name: "Fylkeskommune", count: 15, least: 2, dagl: 1, lede: .6, medl: .3, revi: 1, subs: 1, more: 79, sector: "6500", suffix: "FYLKESKOMMUNE"},
	{code: "FKF", name: "Fylkeskommunalt foretak", count: 10, least: 1, dagl: 1, lede: 1, medl: 4, vara: 2, revi: .9, subs: .9, sector: "1510", business: true, suffix: "FKF"},
	{code: "SF", name: "Statsforetak", count: 5, least: 1, dagl: 1, lede: 1, medl: 6, vara: 1, revi: 1, subs: 1, more: 5, sector: "1110", business: true, suffix: "SF"},
	{code: "EOFG", name: "Europeisk økonomisk foretaksgruppe", count: 5, least: 1, dagl: 1, regn: .4, subs: .4, sector: "2300", business: true, suffix: "EØFG"},
	{code: "SE", name: "Europeisk selskap", count: 3, least: 1, dagl: 1, lede: 1, medl: 5, vara: 1, revi: 1, subs: 1, sector: "2100", business: true, suffix: "SE"},
	{code: "STAT", name: "Staten", count: 1, least: 1, kont: 1, sector: "6100"},
}

// sectors names the institutional sector codes that the shapes use.
var sectors = map[string]string{
	"1110": "Statens forretningsdrift", "1510": "Kommunal forretningsdrift", "2100": "Private aksjeselskaper mv.",
	"2300": "Personlige foretak", "2500": "Private produsentorienterte organisasjoner", "3200": "Banker", "4300": "Verdipapirfond",
	"5500": "Skadeforsikringsselskaper", "5700": "Pensjonskasser", "6100": "Statsforvaltningen", "6500": "Kommuneforvaltningen",
	"7000": "Ideelle organisasjoner", "8200": "Personlig næringsdrivende", "8300": "Borettslag o.l.",
	"8500": "Lønnstakere, pensjonister, trygdede, studenter o.a.", "9000": "Utlandet",
}

// industry is an industry code (næringskode, SN2007) with its name.
type industry struct{ code, name string }

// industries are the codes the synthetic units have.
var industries = [...]industry{
	{"01.110", "Dyrking av korn (unntatt ris), belgvekster og oljeholdige vekster"}, {"01.410", "Melkeproduksjon på storfe"}, {"01.450", "Sauehold"},
	{"02.100", "Skogskjøtsel og andre skogbruksaktiviteter"}, {"03.111", "Hav- og kystfiske"}, {"03.211", "Produksjon av matfisk, bløtdyr, krepsdyr og pigghuder i hav- og kystbasert fiskeoppdrett"},
	{"10.710", "Produksjon av brød og ferske konditorvarer"}, {"13.921", "Produksjon av utstyrsvarer, unntatt klær"}, {"16.100", "Saging, høvling og impregnering av tre"},
	{"25.620", "Bearbeiding av metaller"}, {"33.120", "Reparasjon av maskiner"}, {"35.111", "Produksjon av elektrisitet fra vannkraft"},
	{"41.101", "Boligbyggelag"}, {"41.109", "Utvikling og salg av egen fast eiendom ellers"}, {"41.200", "Oppføring av bygninger"}, {"43.120", "Grunnarbeid"},
	{"43.210", "Elektrisk installasjonsarbeid"}, {"43.221", "Rørleggerarbeid"}, {"43.320", "Snekkerarbeid"}, {"43.341", "Malerarbeid"},
	{"45.200", "Vedlikehold og reparasjon av motorvogner, unntatt motorsykler"}, {"46.460", "Engroshandel med sykepleie- og apotekvarer"}, {"46.900", "Uspesifisert engroshandel"},
	{"47.111", "Butikkhandel med bredt vareutvalg med hovedvekt på nærings- og nytelsesmidler"}, {"47.710", "Butikkhandel med klær"}, {"47.919", "Postordre- og internetthandel med annet spesialisert vareutvalg"},
	{"49.320", "Drosjebiltransport"}, {"49.410", "Godstransport på vei"}, {"50.201", "Utenriks sjøfart med gods"}, {"52.292", "Skipsmegling"},
	{"55.101", "Drift av hoteller, pensjonater og moteller med restaurant"}, {"56.101", "Drift av restauranter og kafeer"}, {"58.290", "Utgivelse av annen programvare"},
	{"59.110", "Produksjon av film, video og fjernsynsprogrammer"}, {"62.010", "Programmeringstjenester"}, {"62.020", "Konsulentvirksomhet tilknyttet informasjonsteknologi"},
	{"64.202", "Investeringsselskaper ikke inkludert i 64.201"}, {"64.990", "Annen finansieringsvirksomhet ikke nevnt annet sted"}, {"68.100", "Kjøp og salg av egen fast eiendom"}, {"68.201", "Borettslag"},
	{"68.209", "Utleie av egen eller leid fast eiendom ellers"}, {"68.320", "Eiendomsforvaltning"}, {"69.100", "Juridisk tjenesteyting"}, {"69.201", "Regnskap og bokføring"},
	{"69.202", "Revisjon"}, {"70.220", "Bedriftsrådgivning og annen administrativ rådgivning"}, {"71.112", "Arkitekttjenester vedrørende byggverk"}, {"71.121", "Byggeteknisk konsulentvirksomhet"},
	{"73.110", "Reklamebyråer"}, {"74.101", "Industridesign, produktdesign og annen teknisk designvirksomhet"}, {"74.200", "Fotografvirksomhet"}, {"74.300", "Oversettelses- og tolkevirksomhet"},
	{"81.210", "Rengjøring av bygninger"}, {"81.300", "Beplantning og vedlikehold av hager og parkanlegg"}, {"82.990", "Annen forretningsmessig tjenesteyting ikke nevnt annet sted"}, {"84.110", "Generell offentlig administrasjon"},
	{"85.100", "Barnehager"}, {"85.201", "Ordinær grunnskoleundervisning"}, {"85.510", "Undervisning innen idrett og rekreasjon"}, {"86.211", "Allmenn legetjeneste"},
	{"86.901", "Hjemmesykepleie"}, {"86.909", "Andre helsetjenester"}, {"88.911", "Barnehager"}, {"90.012", "Utøvende kunstnere og underholdningsvirksomhet innen scenekunst"},
	{"90.031", "Selvstendig kunstnerisk virksomhet innen visuell kunst"}, {"93.120", "Idrettslag og -klubber"}, {"94.910", "Religiøse organisasjoner"}, {"94.991", "Aktiviteter i andre interesseorganisasjoner"},
	{"96.020", "Frisering og annen skjønnhetspleie"}, {"96.090", "Personlig tjenesteyting ikke nevnt annet sted"},
}
