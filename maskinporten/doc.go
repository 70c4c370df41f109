// Package maskinporten is a mock of Maskinporten, the token issuer for
// machine-to-machine calls in Norway, for the demo and for tests.
//
// It speaks the JWT grant as Maskinporten documents it: the same claims with the
// same limits, unknown claims refused, delegated tokens (consumer_org), system
// users (authorization_details), errors of the same shape. It differs where a mock
// must: its signing key is made at every start and never stored, it answers only
// to loopback names, and it knows synthetic organisation numbers only, so that no
// token of its can stand for anybody real.
//
// What is delegated and which system users there are, it asks a server of authority
// for each token (Options.Source), which may be in another process.
//
//	server, err := maskinporten.New(maskinporten.Options{Issuer: "http://localhost:8080/maskinporten/", Source: "http://localhost:8080"})
//	http.Handle("/maskinporten/", server)
//
// Beside it stands a mock of ID-porten, by which persons sign in (IDPorten), made for
// the same uses and with the same limits: loopback, made-up persons, a fresh key.
//
// The other side of the grant is here too: making a client with its key (NewKey,
// WriteClient), signing a grant (Grant.Sign) and exchanging it for a token
// (Exchange).
package maskinporten
