package fullmakt

// Document is one version of a document that another room reads: a resource, its
// policy, an access list, a request for access. The log keeps it, so that every
// answer that rests on it can be traced to a revision; what it says is for the
// package that wrote it. Kind and ID are its identity.
type Document struct {
	Kind DocumentKind
	ID   string
	// Parties are those that the document is about: it is found by them, and
	// it goes when one of them is purged (rule LIFE-2). Their numbers may stand
	// in the body; their names and identity numbers must not.
	Parties []PartyNo
	Body    []byte // written by the package that the kind belongs to, usually JSON
	Ended   bool
}

// DocumentKind tells which package reads a document.
type DocumentKind string

// The kinds of document.
const (
	DocumentResource     DocumentKind = "resource"     // registry: a resource; ID is its identifier
	DocumentPolicy       DocumentKind = "policy"       // registry: the XACML policy of the resource with the same ID
	DocumentAccessList   DocumentKind = "access-list"  // registry: ID is "OWNER/NAME" of a list, and "OWNER/NAME/PARTY" of a member
	DocumentRightHolder  DocumentKind = "right-holder" // delegation: somebody whom a party means to give to; ID is "FROM-TO", their numbers
	DocumentRequest      DocumentKind = "request"      // delegation: a request for access; ID is a UUID
	DocumentSystem       DocumentKind = "system"       // delegation: a vendor's system (fagsystem)
	DocumentSystemUser   DocumentKind = "system-user"  // delegation: what is known of a system user beside its authority; ID is its UUID
	DocumentSystemAsk    DocumentKind = "system-ask"   // delegation: a vendor's request for a system user or for a change of one; ID is a UUID
	DocumentCredential   DocumentKind = "credential"   // delegation: a password hash; ID is the user's UUID. In no feed
	DocumentSupplier     DocumentKind = "supplier"     // delegation: an organisation that another has as supplier; Parties are the supplied and the supplier
	DocumentSubscription DocumentKind = "subscription" // api: who wants to be sent events
	DocumentDelivery     DocumentKind = "delivery"     // api: how far the sending to a subscription has come, under its id
	DocumentClock        DocumentKind = "clock"        // node: up to when it is recorded that dates have passed
)
