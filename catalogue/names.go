package catalogue

// Names is one name or text in the languages of the product.
type Names struct {
	NB string `json:"nb"`
	NN string `json:"nn"`
	EN string `json:"en"`
}

// In returns the text in lang ("nb", "nn" or "en"); any other language gets
// English.
func (n Names) In(lang string) string {
	switch lang {
	case "nb":
		return n.NB
	case "nn":
		return n.NN
	}
	return n.EN
}
