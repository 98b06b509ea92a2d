package fault

import (
	"errors"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// This file parses the text form.

// Parse parses the text form of a fault: its name and, separated by colons and in any order, the
// kind of the match, parameters, and the narrowing of the match. It returns an error that names the
// faulty part. [Fault.String] of the result has the same meaning as text.
//
//	halfopen                             everything, from now on
//	drop:events:every=10                 every tenth event
//	delay:replies:200ms                  all replies
//	cut:after=job.enqueue:nth=2          the second reply to job.enqueue
//	refuse:before=stats,job.get:503:text="please wait"
//	close:out:1012:skip=5:first=1:perconn
//
// The kind is one of upgrades, in, out, requests, before=METHODS, replies, after=METHODS, events,
// events=TYPES, pings, pongs and grants; without one, the match is every point at which the fault
// can act. conn, perconn, skip, first, nth and every narrow it, as the methods of [Match] do. The
// parameters are: without a key, the code of refuse, refuseupgrade and close, the duration of delay
// and the bytes a second of slowread; text of refuse, close, garbage and rawbytes; header=KEY=VALUE
// of refuseupgrade, once or more; and bytes of cut. A value that contains one of : , " is quoted as
// in Go.
func Parse(text string) (Fault, error) {
	fields, err := split(text, ':')
	if err != nil {
		return Fault{}, fmt.Errorf("fault: %q: a quote does not end: %w", text, err)
	}
	p := parser{fault: Fault{name: Name(fields[0])}, seen: map[string]bool{}}
	if _, known := kinds[p.fault.name]; !known || p.fault.name == "" {
		return Fault{}, fmt.Errorf("fault: %q: there is no fault %q, but %v", text, fields[0], Names())
	}
	if p.fault.name == NameRewrite || p.fault.name == NameDo {
		return Fault{}, fmt.Errorf("fault: %q: %s carries a function and has no text form", text, p.fault.name)
	}
	for _, field := range fields[1:] {
		if err := p.field(field); err != nil {
			return Fault{}, fmt.Errorf("fault: %q: %w", text, err)
		}
	}
	if bare := p.kind().bare; bare != "" && !p.seen[bare] {
		return Fault{}, fmt.Errorf("fault: %q: the %s is missing", text, bare)
	}
	return p.fault, nil
}

type parser struct {
	fault Fault
	seen  map[string]bool // keys
}

func (p *parser) kind() kind { return kinds[p.fault.name] }

var (
	errTwice   = errors.New("appears twice")
	errUnknown = errors.New("is not known here")
)

// field parses the text between two colons.
func (p *parser) field(field string) error {
	key, value, keyed := strings.Cut(field, "=")
	var err error
	switch {
	case keyed && synonyms[key] != "":
		err = p.matchKind(synonyms[key], value)
	case keyed:
		err = p.option(key, value)
	case key == "perconn":
		err = p.once(key)
		p.fault.match.perConn = true
	case key != "" && whats[what(key)] != nil:
		err = p.matchKind(what(key), "")
	case p.kind().bare != "":
		err = p.option(p.kind().bare, field)
	default:
		err = errUnknown
	}
	if err != nil {
		return fmt.Errorf("%q %w", field, err)
	}
	return nil
}

func (p *parser) once(key string) error {
	if p.seen[key] {
		return errTwice
	}
	p.seen[key] = true
	return nil
}

// matchKind parses the kind of the match.
func (p *parser) matchKind(w what, names string) error {
	if err := p.once("match"); err != nil {
		return err
	}
	p.fault.match.what = w
	if names == "" {
		return nil
	}
	parts, err := split(names, ',')
	if err != nil {
		return err
	}
	for _, part := range parts {
		name, err := unquote(part)
		if err != nil {
			return err
		}
		p.fault.match.names = append(p.fault.match.names, name)
	}
	return nil
}

// option parses a parameter, or what narrows the match.
func (p *parser) option(key, value string) error {
	m, k := &p.fault.match, p.kind()
	switch key {
	case "conn":
		return p.number(key, value, &m.conn, 1, math.MaxInt)
	case "skip":
		return p.number(key, value, &m.skip, 0, math.MaxInt)
	case "first":
		return p.number(key, value, &m.first, 1, math.MaxInt)
	case "every":
		err := p.number(key, value, &m.every, 1, math.MaxInt)
		*m = m.Every(m.every)
		return err
	case "nth":
		n := 0
		if p.seen["skip"] || p.seen["first"] {
			return errTwice
		}
		p.seen["skip"], p.seen["first"] = true, true
		err := p.number(key, value, &n, 1, math.MaxInt)
		*m = m.Nth(n)
		return err
	case "where":
		return errors.New("is a function and has no text form")
	}
	if key == "" || key != k.bare && !slices.Contains(k.params, key) {
		return errUnknown
	}
	switch key {
	case "code":
		return p.number(key, value, &p.fault.params.Code, k.min, k.max)
	case "bytes":
		return p.number(key, value, &p.fault.params.Bytes, 0, math.MaxInt)
	case "rate":
		return p.number(key, value, &p.fault.params.Rate, 0, math.MaxInt)
	case "delay":
		return p.delay(value)
	case "header":
		return p.header(value)
	}
	if err := p.once(key); err != nil {
		return err
	}
	var err error
	p.fault.params.Text, err = unquote(value)
	return err
}

func (p *parser) number(key, value string, n *int, least, most int) error {
	if err := p.once(key); err != nil {
		return err
	}
	read, err := strconv.Atoi(value)
	if err != nil || read < least || read > most {
		return fmt.Errorf("is not a number from %d to %d", least, most)
	}
	*n = read
	return nil
}

func (p *parser) delay(value string) error {
	if err := p.once("delay"); err != nil {
		return err
	}
	d, err := time.ParseDuration(value)
	if err != nil || d < 0 {
		return errors.New("is not a duration such as 200ms")
	}
	p.fault.params.Delay = d
	return nil
}

func (p *parser) header(value string) error {
	text, err := unquote(value)
	if err != nil {
		return err
	}
	key, value, ok := strings.Cut(text, "=")
	if !ok || key == "" {
		return errors.New("is not header=KEY=VALUE")
	}
	if p.fault.params.Header == nil {
		p.fault.params.Header = http.Header{}
	}
	p.fault.params.Header.Add(key, value)
	return nil
}
