package fullmakt

import "testing"

func TestNextState(t *testing.T) {
	day, later := NewDate(2026, 3, 3), NewDate(2026, 4, 4)
	tests := []struct {
		name   string
		change RegisterChange
		before OrgState
		on     Date
		want   OrgState
		wantOn Date
	}{
		{"silent keeps", RegisterChange{Has: HasName}, Bankrupt, 0, Bankrupt, 0},
		{"silent keeps a deletion", RegisterChange{Has: HasName}, Deleted, day, Deleted, day},
		{"any word ends the stub", RegisterChange{Has: HasName}, Stub, 0, 0, 0},
		{"whole state replaces", RegisterChange{Has: HasState, State: WindingUp}, Bankrupt | Deleted, day, WindingUp, 0},
		{"whole state deletes", RegisterChange{Has: HasState, State: Deleted, DeletedOn: later}, 0, 0, Deleted, later},
		{"a bit is entered", RegisterChange{Has: HasStateBits, StateSet: Bankrupt}, WindingUp, 0, WindingUp | Bankrupt, 0},
		{"a bit is left", RegisterChange{Has: HasStateBits, StateClear: Bankrupt}, WindingUp | Bankrupt, 0, WindingUp, 0},
		{"a bit deletes", RegisterChange{Has: HasStateBits, StateSet: Deleted, DeletedOn: later}, Bankrupt, 0, Bankrupt | Deleted, later},
		{"a bit revives", RegisterChange{Has: HasStateBits, StateClear: Deleted}, Bankrupt | Deleted, day, Bankrupt, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, on := tt.change.NextState(tt.before, tt.on)
			if got != tt.want || on != tt.wantOn {
				t.Errorf("NextState(%v, %v) = %v, %v; want %v, %v", tt.before, tt.on, got, on, tt.want, tt.wantOn)
			}
		})
	}
}
