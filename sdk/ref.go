package sdk

import (
	"fmt"
	"slices"
	"strings"
)

// Ref is a resolved path such as event.author.id: how to find one field in an encoded event. The compiler of per-event
// expressions makes refs at load, and reading one costs no allocation.
type Ref struct {
	place    place
	kind     Kind
	num      [3]uint64 // field numbers from the event down; 0 ends
	analyzer string
	field    string
	path     []string // data: keys below
}

type place uint8

const (
	inEvent place = iota
	inID
	inSource
	inOrderKey
	inData
	inAnnotation
)

// Kind returns the kind of the field's values, Null when only the event itself can tell.
func (r Ref) Kind() Kind { return r.kind }

// AnnotationRef returns the ref of the field that the analyzer block named analyzer adds.
func AnnotationRef(analyzer, field string) Ref {
	return Ref{place: inAnnotation, analyzer: analyzer, field: field}
}

// Analyzer returns the name of the analyzer whose annotation this is, "" for a field of the event itself.
func (r Ref) Analyzer() string { return r.analyzer }

// ResolveRef returns the ref of a path below root ("event" or "insight"). An unknown path is an error; KnownFields lists the
// known ones. Annotations are not known here: see AnnotationRef.
func ResolveRef(root string, path []string) (Ref, error) {
	if root == "event" && len(path) > 0 && path[0] == "data" {
		return Ref{place: inData, path: slices.Clone(path[1:])}, nil
	}
	if r, ok := refs(root)[strings.Join(path, ".")]; ok {
		return r, nil
	}
	return Ref{}, fmt.Errorf("no field %s.%s", root, strings.Join(path, "."))
}

// KnownFields lists the paths below root, sorted.
func KnownFields(root string) []string {
	var names []string
	for name := range refs(root) {
		names = append(names, name)
	}
	if root == "event" {
		names = append(names, "data")
	}
	slices.Sort(names)
	return names
}

func refs(root string) map[string]Ref {
	switch root {
	case "event":
		return eventRefs()
	case "insight":
		return insightRefs()
	}
	return nil
}

func strRef(num ...uint64) Ref { return newRef(String, num) }
func numRef(num ...uint64) Ref { return newRef(Number, num) }

func newRef(kind Kind, num []uint64) Ref {
	r := Ref{kind: kind}
	copy(r.num[:], num)
	return r
}

func eventRefs() map[string]Ref {
	return map[string]Ref{
		"id":                  {place: inID, kind: String},
		"source":              {place: inSource, kind: String},
		"key":                 {place: inOrderKey, kind: String},
		"type":                strRef(evType),
		"subject":             strRef(evSubject),
		"time":                strRef(evTime),
		"tenant":              strRef(evTenant),
		"text":                strRef(evFeedback, fbText),
		"title":               strRef(evFeedback, fbTitle),
		"html":                strRef(evFeedback, fbHTML),
		"url":                 strRef(evFeedback, fbURL),
		"kind":                strRef(evFeedback, fbKind),
		"language":            strRef(evFeedback, fbLang),
		"visibility":          strRef(evFeedback, fbVisibility),
		"place":               strRef(evFeedback, fbPlace),
		"device":              strRef(evFeedback, fbDevice),
		"author.id":           strRef(evFeedback, fbAuthor, 1),
		"author.platform":     strRef(evFeedback, fbAuthor, 2),
		"author.handle":       strRef(evFeedback, fbAuthor, 3),
		"author.name":         strRef(evFeedback, fbAuthor, 4),
		"author.verified":     newRef(Bool, []uint64{evFeedback, fbAuthor, 5}),
		"rating.value":        numRef(evFeedback, fbRating, 1),
		"rating.best":         numRef(evFeedback, fbRating, 2),
		"rating.worst":        numRef(evFeedback, fbRating, 3),
		"native.platform":     strRef(evFeedback, fbNative, 1),
		"native.instance":     strRef(evFeedback, fbNative, 2),
		"native.id":           strRef(evFeedback, fbNative, 3),
		"native.revision":     strRef(evFeedback, fbNative, 4),
		"thread.root":         strRef(evFeedback, fbThread, 1),
		"thread.parent":       strRef(evFeedback, fbThread, 2),
		"engagement.likes":    numRef(evFeedback, fbEngagement, 1),
		"engagement.shares":   numRef(evFeedback, fbEngagement, 2),
		"engagement.replies":  numRef(evFeedback, fbEngagement, 3),
		"engagement.reach":    numRef(evFeedback, fbEngagement, 4),
		"correlation":         strRef(evCorrelation),
		"causation":           strRef(evCausation),
		"reply_to.capability": strRef(evFeedback, fbReplyTo, 1),
	}
}

func insightRefs() map[string]Ref {
	return map[string]Ref{
		"id":           {place: inID, kind: String},
		"time":         strRef(evTime),
		"key":          strRef(evInsight, inKey),
		"analyzer":     strRef(evInsight, inAnalyzer),
		"group":        newRef(List, []uint64{evInsight, inGroup}),
		"title":        strRef(evInsight, inTitle),
		"topic":        strRef(evInsight, inTopic),
		"product":      strRef(evInsight, inProduct),
		"stage":        strRef(evInsight, inStage),
		"people":       numRef(evInsight, inPeople),
		"events":       numRef(evInsight, inEvents),
		"communities":  numRef(evInsight, inCommunities),
		"evidence":     newRef(List, []uint64{evInsight, inEvidence}),
		"first_time":   strRef(evInsight, inFirst),
		"last_time":    strRef(evInsight, inLast),
		"window_start": strRef(evInsight, inWindowStart),
		"window_end":   strRef(evInsight, inWindowEnd),
		"rate":         numRef(evInsight, inRate),
		"function":     strRef(evInsight, inFunction),
		"severity":     numRef(evInsight, inSeverity),
		"confidence":   numRef(evInsight, inConfidence),
	}
}
