package enhetsregisteret

import "strings"

// The word lists of the synthetic Norway, in the manner of the tax authority's
// Tenor: an adjective for a first name, an invented compound for a surname, and
// for units two adjectives and an animal. Nobody real is called so.
var (
	wordAdjectives = strings.Fields(`
		Andektig Artig Barsk Beskjeden Blid Brautende Brisen Bølgende Dristig Drømmende Dugelig Dyktig Døsig Edruelig
		Eiegod Ekstatisk Elegant Ettertenksom Fager Fargerik Fattet Fjong Flaksende Flink Flittig Flott Forknytt Fornøyd
		Forsagt Forsiktig Forsonlig Freidig Frimodig Frodig Frossen Fyrig Følsom Gavmild Gjestfri Gjev Gladlynt Glitrende
		Godlynt Grublende Grundig Gyllen Hederlig Heldig Hendig Hjertelig Hovmodig Humrende Huslig Høflig Høylytt Ihuga
		Innbitt Iherdig Jevn Jovial Kvikk Kvass Kjapp Kjekk Klok Klønete Knapp Koselig Kraftig Krydret Kry Kunstferdig
		Lattermild Lavmælt Leken Lett Livlig Lojal Lun Lur Lydhør Lystig Magisk Medgjørlig Mektig Mild Modig Munter Myk
		Målbevisst Nevenyttig Nysgjerrig Nøktern Nøysom Omsorgsfull Omstendelig Oppvakt Ordknapp Original Overbærende
		Pertentlig Poetisk Pratsom Praktfull Punktlig Påpasselig Pålitelig Rask Raus Ren Ridderlig Ro Rolig Romslig Rund
		Rødmusset Røslig Rådsnar Sagtmodig Samvittighetsfull Seig Selsom Sindig Sirlig Skarp Skjelmsk Skvetten Slagferdig
		Slentrende Smidig Snar Snill Solid Sprek Spretten Språksterk Staut Stille Stilren Stolt Stram Sval Syngende Søvnig
		Taktfast Tankefull Tapper Tindrende Tolmodig Treffsikker Trivelig Trofast Trygg Tålmodig Uredd Ustoppelig Usnobbet
		Utholdende Vaken Varsom Vever Vidløftig Viltvoksende Virksom Vittig Var Værbitt Ydmyk Yndig Yr Ærgjerrig Ærlig
		Øm Ørliten Årvåken Åpenhjertig`)
	wordAnimals = strings.Fields(`
		ALKE BEVER BJØRN BREMSE BRUNSKJELL DELFIN EKORN ELG ERLE FALK FJELLREV FLAGGERMUS FLYNDRE FROSK GAUPE GJEDDE
		GJØK GRAVAND GREVLING GRÅMÅKE HARE HEGRE HEST HUBRO HUMLE HUMMER HVAL HVESPE HØNE ISBJØRN JERV KALKUN KATT
		KLEGG KNURR KONGEØRN KRABBE KRÅKE KVEITE LAKS LEMEN LERKE LOMVI LUNDE LØVE LYR MAKRELL MARIHØNE MARSVIN MAUR MOSKUS
		MUFLON MUSVÅK MÅR MÅLTROST NEBBMUS NISE OKSE ORRHANE OTER PADDE PANDA PIGGSVIN PINGVIN PURKE RAPPHØNE RAVN REIN REV
		RYPE RØDSTRUPE RØYSKATT SAU SEL SISIK SKJÆRE SKREI SNEGLE SPETT SPISSMUS SPURV STEINBIT STORK SVANE TERNE TIGER TIUR
		TJELD TRANE UGLE ULV VALMUE VIPE VÅGEHVAL ØGLE ØRN ØRRET ÅL ÅME`)
	wordSurnameStarts = strings.Fields(`
		Agurk Apelsin Barke Bjelle Blåbær Bolle Brisk Brødskive Buksesele Dugg Dynge Epleskrott Eske Fartøy Fjellbekk
		Fjøsnisse Flagg Fyrstikk Glasur Gnist Grøt Gulrot Hagegang Hatt Hekle Himling Honning Hvelv Hyssing Istapp Jakke Kaffe
		Kakao Kanel Kantarell Kjele Kladde Klokke Knagg Knute Kompass Korg Krusedull Kvist Kålrot Lampe Lapskaus Lin
		Lomme Luke Lyng Lysekrone Mose Mugge Måne Nattlys Nellik Nypon Nøkkel Ostehøvel Paraply Pepper Perle Pinne Plomme
		Potet Prikke Pute Rabarbra Regnbue Ribbe Rips Rosin Rute Rømme Sagflis Seil Sirup Skjerf Skorpe Skum Sky Sløyfe
		Smør Snøfnugg Sokke Spade Stige Stjerne Strikke Sukker Sviske Søyle Tepotte Tråd Tusj Tyttebær Ullgarn Vaffel Vannkant
		Vindu Vott Ørken Årring`)
	wordSurnameEnds = strings.Fields(`
		balje bille blomst boks bord brygge bu bøtte dal dans drys duk fane fat fjær flekk flette fløyte garn glimt grind gryte
		gynge hank hette hjul horn hylle jolle kapp kasse klang klyve knapp kork krans krok krukke kurv kvern låve lenke list
		løkke lue løper mansjett matte mølle nett nøtt pil pipe pose propp pumpe rand reim ring rull rygg saft seter sko skål
		skive skuff sleiv slire snor spann spire splint sprett spor stabel stav stein stokk strimmel sving søm tavle tind topp
		trapp trekk trille tråkk tue vase vei vogn vri ås`)
	wordPlaceStarts = strings.Fields(`
		Alm Aure Barlind Bekke Berge Bjørke Brei Bruse Djup Eike Elve Falke Fiske Fjell Flat Fure Gjed Gran Grøn Gul Halv Hare
		Hassel Hegge Hest Hvit Høg Indre Is Jern Kalv Kjøl Klare Kobber Kråke Kveld Kvit Lang Lauv Lerke Lille Lyng Lys Mel
		Mid Morgen Mose Myr Natt Nord Nypa Older Ospe Otre Ravne Rein Ren Rev Rogne Rug Salt Sand Selje Sild Skarp Skog Skår
		Sne Sol Stein Stor Straum Sund Svart Sør Tang Tjeld Torn Trang Tyri Ulve Under Vest Vide Vinter Yster Ytre Øst Ørne`)
	wordPlaceEnds = strings.Fields(`
		berg bergen botn bygda bø dalen eid eidet elva fjord fjorden foss fossen fjell grenda haug haugen havn heia hei holmen
		holt kleiva landet li lia moen myra nes neset odden osen rud sete seter sjøen skar skogen stad strand sund sundet tangen
		tind tunet vang vatn vik vika voll våg vågen øy øya åsen`)
	wordStreetEnds = strings.Fields(`
		vegen veien gata gate stien bakken svingen alleen torget plass brygge kroken tunet lia toppen faret ringen`)
	wordTrades = strings.Fields(`
		arkitekttegning avløserhjelp bakervarer barnehage batterier begravelsesseremonier beslag betongelementer bilpleie
		blomster bokbinding brannsikring brettspill broderier båtbygging båtutstyr dataprogrammer dekkhotell dykking dyrefôr
		eiendomsdrift elektroinstallasjon energirådgivning fiskeoppdrett fiskeredskap fjellføring flis foredrag forskalingsarbeid
		fotografering frakt friluftsutstyr frisør garn gatekjøkken gjenvinning gjerder glassarbeid graving grønnsaker gulvlegging
		hagestell hagemøbler havbruk helsekost hotell hundekurs husflid hvitevarer idrettsutstyr industrimaskiner innredning
		iskrem kafé kartlegging keramikk kjøreskole kjøtt klatring klokker klær kontorstøtte korsang kunst kursvirksomhet
		kystfiske kyllinger landbruksmaskiner lagerhold landmåling lastebiltransport leketøy ljåer lysutstyr lydteknikk maling
		malerarbeid massasje mekanikk melkeproduksjon metallvarer mikrobrygging murerarbeid musikk møbler naturforvaltning
		nettbutikk nettverksdrift noter nøkler oppussing optikk orgelbygging oversettelse papirvarer parkdrift persontransport
		plantevern porselen prosjektledelse regnskap reiselivstjenester reklame rengjøring renseri rørlegging sagbruk salg
		sauehold scenekunst sjøtransport skilting skogplanting skredderi smykker snekkerarbeid snøbrøyting solceller
		steinhogging stillas storkjøkken studentboliger svømmeopplæring sykler sølvsmedarbeid takarbeid taxi tegneserier telefoni
		tekstiler tolketjenester tømmer tømrerarbeid undervisning ur utleie utstillinger vaktmestertjenester vannkraft varmepumper
		vask vedlikehold vedproduksjon veiarbeid verktøy verksted videoproduksjon vindusvask vinimport visesang yoga ølbrygging`)
	wordPurposes = []string{
		"Selskapets formål er å drive", "Formålet er", "Drive virksomhet innen", "Selskapet skal drive med", "Å eie, forvalte og drive",
		"Handel med og produksjon av", "Import, eksport og salg av", "Konsulentvirksomhet innen", "Utvikling, salg og drift av",
		"Utleie av og rådgivning om", "Engros- og detaljhandel med", "Tjenester knyttet til", "Foreta investeringer i",
		"Kjøp, salg og formidling av", "Yte bistand til næringslivet innen",
	}
	wordPurposeTails = []string{
		"og hva som ellers står i naturlig sammenheng med dette", "samt å delta i andre selskaper med lignende virksomhet",
		"og alt som dermed har forbindelse", "herunder å delta i andre foretak", "og annen tilknyttet virksomhet",
		"samt investering i fast eiendom, verdipapirer og andre formuesgjenstander", "både i Norge og i utlandet",
		"for private og offentlige kunder", "til beste for medlemmene og lokalsamfunnet", "og det som naturlig hører med",
	}
	wordDomains = strings.Fields(`post kontakt firma styret kontor hei faktura info daglig admin`)
)

// upperAdjectives returns the adjectives as unit names have them.
func upperAdjectives() []string {
	out := make([]string, len(wordAdjectives))
	for i, w := range wordAdjectives {
		out[i] = strings.ToUpper(w)
	}
	return out
}
