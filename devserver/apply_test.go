package devserver

import (
	"reflect"
	"testing"

	"github.com/xraph/dispatch/devserver/fault"
	"github.com/xraph/dispatch/internal/wire"
)

// TestTheServerKnowsEveryKindOfFault has one of each kind act on a moment.
func TestTheServerKnowsEveryKindOfFault(t *testing.T) {
	t.Parallel()
	all := fault.Match{}
	made := map[fault.Name]fault.Fault{
		fault.NameRewrite: fault.Rewrite(func(*fault.Frame) {}, all), fault.NameDo: fault.Do(func() {}, all), fault.NameDelay: fault.Delay(1, all),
		fault.NameRefuse: fault.Refuse(500, "", all), fault.NameRefuseUpgrade: fault.RefuseUpgrade(500, nil, all), fault.NameClose: fault.CloseWith(0, "", all),
		fault.NameSlowRead: fault.SlowRead(0, all),
	}
	for _, name := range fault.Names() {
		f, ok := made[name]
		if !ok {
			var err error
			if f, err = fault.Parse(string(name)); err != nil {
				t.Fatal(err)
			}
		}
		m := faultPoint{frame: &wire.Frame{}, copies: 1, cut: -1, readRate: -1}
		before := m
		if m.apply(f); reflect.DeepEqual(m, before) {
			t.Errorf("%s does nothing", name)
		}
	}
}
