package static

import (
	"bytes"
	"fmt"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// Bounds of a source text. hcl's parser and evaluator are recursive, and a stack overflow cannot be caught.
const (
	maxBrackets  = 200  // brackets, templates and blocks inside each other
	maxOperators = 1000 // operators in one expression, with those around it
	maxDigits    = 100  // of a number
)

// Guard refuses a configuration that would overflow the parser's stack. It reads tokens only.
func Guard(src []byte, filename string) hcl.Diagnostics {
	tokens, _ := hclsyntax.LexConfig(src, filename, hcl.InitialPos)
	return guard(tokens)
}

// GuardExpression does the same for a lone expression, GuardTemplate for a template.
func GuardExpression(src []byte, filename string) hcl.Diagnostics {
	tokens, _ := hclsyntax.LexExpression(src, filename, hcl.InitialPos)
	return guard(tokens)
}

// GuardTemplate does the same for a template.
func GuardTemplate(src []byte, filename string) hcl.Diagnostics {
	tokens, _ := hclsyntax.LexTemplate(src, filename, hcl.InitialPos)
	return guard(tokens)
}

// level counts the operators in one bracket since the last comma or line end; outer is that of the levels around it. In
// lines, the end of a line ends an expression, as in a block and an object; in other brackets it does not.
type level struct {
	operators, outer int
	lines            bool
}

func guard(tokens hclsyntax.Tokens) hcl.Diagnostics {
	levels := []level{{lines: true}}
	for i, t := range tokens {
		if t.Type == hclsyntax.TokenNumberLit && len(t.Bytes) > maxDigits {
			return tooDeep(t, fmt.Sprintf("A number may have at most %d digits.", maxDigits))
		}
		levels = step(levels, tokens, i)
		top := levels[len(levels)-1]
		if len(levels) > maxBrackets {
			return tooDeep(t, fmt.Sprintf("Brackets, blocks and templates may stand at most %d deep inside each other.", maxBrackets))
		}
		if top.outer+top.operators > maxOperators {
			return tooDeep(t, fmt.Sprintf("An expression may have at most %d operators; compute parts of it in locals.", maxOperators))
		}
	}
	return nil
}

// step counts one token.
func step(levels []level, tokens hclsyntax.Tokens, i int) []level {
	top, t := &levels[len(levels)-1], tokens[i]
	switch t.Type {
	case hclsyntax.TokenOBrace, hclsyntax.TokenOBrack, hclsyntax.TokenOParen, hclsyntax.TokenTemplateInterp,
		hclsyntax.TokenTemplateControl, hclsyntax.TokenOQuote, hclsyntax.TokenOHeredoc:
		top.operators++
		return append(levels, level{outer: top.outer + top.operators, lines: t.Type == hclsyntax.TokenOBrace && !beginsFor(tokens[i+1:])})
	case hclsyntax.TokenCBrace, hclsyntax.TokenCBrack, hclsyntax.TokenCParen, hclsyntax.TokenTemplateSeqEnd,
		hclsyntax.TokenCQuote, hclsyntax.TokenCHeredoc:
		if len(levels) > 1 {
			return levels[:len(levels)-1]
		}
	case hclsyntax.TokenComma:
		top.operators = 0
	case hclsyntax.TokenNewline, hclsyntax.TokenComment:
		if top.lines && bytes.HasSuffix(t.Bytes, []byte("\n")) {
			top.operators = 0
		}
	default:
		top.operators += weight(t.Type)
	}
	return levels
}

// beginsFor tells {for ...}, where line ends do not count, from an object.
func beginsFor(tokens hclsyntax.Tokens) bool {
	for _, t := range tokens {
		if t.Type != hclsyntax.TokenNewline && t.Type != hclsyntax.TokenComment {
			return t.Type == hclsyntax.TokenIdent && string(t.Bytes) == "for"
		}
	}
	return false
}

// weight is 1 for a token that makes the tree one node deeper.
func weight(t hclsyntax.TokenType) int {
	switch t {
	case hclsyntax.TokenIdent, hclsyntax.TokenStringLit, hclsyntax.TokenQuotedLit, hclsyntax.TokenEqual,
		hclsyntax.TokenEOF, hclsyntax.TokenFatArrow, hclsyntax.TokenEllipsis, hclsyntax.TokenColon, hclsyntax.TokenDoubleColon:
		return 0
	}
	return 1
}

func tooDeep(t hclsyntax.Token, detail string) hcl.Diagnostics {
	return hcl.Diagnostics{{Severity: hcl.DiagError, Summary: "Too deeply nested", Detail: detail, Subject: &t.Range}}
}
