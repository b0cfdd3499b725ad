package rss

import (
	"strings"
	"unicode"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// htmlText returns the words of a piece of HTML as a reader would see them: paragraphs apart, no markup, no scripts. Plain text
// comes back as it is, without white space around it.
func htmlText(s string) string {
	s = strings.TrimSpace(s)
	if !strings.ContainsAny(s, "<&") {
		return s
	}
	var w textWriter
	hidden := atom.Atom(0) // the element whose contents are passed over
	tokens := html.NewTokenizer(strings.NewReader(s))
	for {
		kind := tokens.Next()
		switch kind {
		case html.ErrorToken: // the end: a tokenizer takes everything
			return strings.TrimSpace(w.b.String())
		case html.TextToken:
			if hidden == 0 {
				w.text(string(tokens.Text()))
			}
		case html.StartTagToken, html.EndTagToken, html.SelfClosingTagToken:
			name, _ := tokens.TagName()
			tag := atom.Lookup(name)
			switch {
			case hidden == 0 && kind == html.StartTagToken && isHidden(tag):
				hidden = tag
			case hidden != 0 && kind == html.EndTagToken && tag == hidden:
				hidden = 0
			case hidden == 0:
				w.breaks(breaksOf(tag))
				if tag == atom.Li && kind == html.StartTagToken {
					w.text("- ")
				}
			}
		}
	}
}

func isHidden(tag atom.Atom) bool {
	switch tag {
	case atom.Script, atom.Style, atom.Head, atom.Template, atom.Svg, atom.Object, atom.Iframe, atom.Noscript:
		return true
	}
	return false
}

// breaksOf says how many line ends an element has around it.
func breaksOf(tag atom.Atom) int {
	switch tag {
	case atom.P, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Blockquote, atom.Pre, atom.Ul, atom.Ol, atom.Table, atom.Hr:
		return 2
	case atom.Br, atom.Div, atom.Li, atom.Tr, atom.Section, atom.Article, atom.Header, atom.Footer, atom.Figure,
		atom.Figcaption, atom.Dt, atom.Dd, atom.Aside, atom.Nav:
		return 1
	case atom.Td, atom.Th:
		return -1
	}
	return 0
}

// textWriter folds white space, and writes line ends only between words.
type textWriter struct {
	b     strings.Builder
	lines int  // line ends due before the next word
	space bool // a space is due before the next word
}

// breaks asks for n line ends; -1 for a space.
func (w *textWriter) breaks(n int) {
	w.lines = max(w.lines, n)
	w.space = w.space || n < 0
}

func (w *textWriter) text(s string) {
	for _, r := range s {
		if unicode.IsSpace(r) {
			w.space = true
			continue
		}
		switch {
		case w.b.Len() == 0:
		case w.lines > 0:
			w.b.WriteString("\n\n"[:w.lines])
		case w.space:
			w.b.WriteByte(' ')
		}
		w.lines, w.space = 0, false
		w.b.WriteRune(r)
	}
}
