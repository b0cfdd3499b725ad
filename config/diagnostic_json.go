package config

import "encoding/json"

type positionJSON struct {
	Line   int `json:"line"`
	Column int `json:"column"`
	Byte   int `json:"byte"`
}

type rangeJSON struct {
	Filename string       `json:"filename"`
	Start    positionJSON `json:"start"`
	End      positionJSON `json:"end"`
}

type snippetJSON struct {
	Context   string `json:"context,omitempty"`
	Code      string `json:"code"`
	StartLine int    `json:"start_line"`
	Highlight int    `json:"highlight_start_offset"`
	EndOffset int    `json:"highlight_end_offset"`
}

type diagnosticJSON struct {
	Severity Severity     `json:"severity"`
	Summary  string       `json:"summary"`
	Detail   string       `json:"detail"`
	Address  string       `json:"address,omitempty"`
	Range    *rangeJSON   `json:"range,omitempty"`
	Snippet  *snippetJSON `json:"snippet,omitempty"`
}

// MarshalJSON writes the object that editors and reviewers' tools know from Terraform.
func (x Diagnostic) MarshalJSON() ([]byte, error) {
	out := diagnosticJSON{Severity: x.Severity, Summary: x.Summary, Detail: x.Detail, Address: x.Address}
	if x.File != "" {
		out.Range = &rangeJSON{
			Filename: x.File,
			Start:    positionJSON{x.Line, x.Column, x.Byte}, End: positionJSON{x.EndLine, x.EndColumn, x.EndByte},
		}
	}
	if x.Code != "" {
		out.Snippet = &snippetJSON{Context: x.Address, Code: x.Code, StartLine: x.Line, Highlight: x.Mark, EndOffset: x.EndMark}
	}
	return json.Marshal(out)
}

// MarshalJSON writes one object that says whether the configuration is valid, with the list of diagnostics.
func (d Diagnostics) MarshalJSON() ([]byte, error) {
	errors, warnings := d.Count()
	list := []Diagnostic(d)
	if list == nil {
		list = []Diagnostic{}
	}
	return json.Marshal(map[string]any{
		"format_version": "1.0", "valid": errors == 0, "error_count": errors, "warning_count": warnings, "diagnostics": list,
	})
}
