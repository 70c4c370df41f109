package fullmakt

import (
	"sync"
	"time"
	_ "time/tzdata" // so that Europe/Oslo is known on a machine without zone files
)

// Oslo returns the time zone in which the register's days begin and end.
func Oslo() *time.Location { return oslo() }

var oslo = sync.OnceValue(func() *time.Location {
	loc, err := time.LoadLocation("Europe/Oslo")
	if err != nil {
		panic("fullmakt: the embedded time zones lack Europe/Oslo: " + err.Error())
	}
	return loc
})
