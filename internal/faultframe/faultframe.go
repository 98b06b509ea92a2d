// Package faultframe copies frames between the type that the protocol's codecs have and the one
// that users of devserver see. A copy shares what Data and Error refer to.
package faultframe

import (
	"github.com/xraph/dispatch/devserver/fault"
	"github.com/xraph/dispatch/internal/wire"
)

// From returns a copy of a frame for users, nil for nil.
func From(fr *wire.Frame) *fault.Frame {
	if fr == nil {
		return nil
	}
	return &fault.Frame{
		ID: fr.ID, Type: string(fr.Type), Method: fr.Method, CorrelID: fr.CorrelID, Token: fr.Token, AppID: fr.AppID,
		OrgID: fr.OrgID, Data: fr.Data, Error: (*fault.ErrorDetail)(fr.Error), Channel: fr.Channel, Credits: fr.Credits, TS: fr.TS,
	}
}

// To returns a copy of a user's frame for the codecs, nil for nil.
func To(fr *fault.Frame) *wire.Frame {
	if fr == nil {
		return nil
	}
	return &wire.Frame{
		ID: fr.ID, Type: wire.FrameType(fr.Type), Method: fr.Method, CorrelID: fr.CorrelID, Token: fr.Token, AppID: fr.AppID,
		OrgID: fr.OrgID, Data: fr.Data, Error: (*wire.ErrorDetail)(fr.Error), Channel: fr.Channel, Credits: fr.Credits, TS: fr.TS,
	}
}
