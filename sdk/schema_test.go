package sdk_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pintle-hub/pintle/sdk"
)

type speed string

type everyType struct {
	Text     string            `pintle:"text,required" doc:"A text."`
	Named    speed             `pintle:"named" enum:"fast,safe" default:"safe"`
	Whole    int               `pintle:"whole" default:"3" min:"1" max:"10"`
	Long     int64             `pintle:"long" default:"-4"`
	Fraction float64           `pintle:"fraction" default:"0.5" min:"0" max:"1"`
	Yes      bool              `pintle:"yes" default:"true"`
	Every    time.Duration     `pintle:"every" default:"5m" min:"1s" max:"2w"`
	Limit    sdk.Size          `pintle:"limit" default:"64KiB" max:"1MiB"`
	Token    sdk.Secret        `pintle:"token"`
	Password string            `pintle:"password,sensitive" deprecated:"use token"`
	List     []string          `pintle:"list" default:"[\"a\",\"b\"]" min:"1"`
	Map      map[string]string `pintle:"map"`
	One      sdk.PerEvent      `pintle:"one,required"`
	Several  sdk.PerEventList  `pintle:"several"`
	Mapped   sdk.PerEventMap   `pintle:"mapped"`
	Rules    []rule            `pintle:"rule,block" doc:"Rules." min:"1"`
	TLS      *tlsBlock         `pintle:"tls,block"`
	Retry    retry             `pintle:"retry,block"`
	unused   string
	Skipped  chan int `pintle:"-"`
	Untagged chan int
}

type rule struct {
	Name string  `pintle:"name,label"`
	Soft bool    `pintle:"soft,required"`
	Deep []retry `pintle:"retry,block"`
}

type tlsBlock struct {
	CA  string     `pintle:"ca"`
	Key sdk.Secret `pintle:"key"`
}

type retry struct {
	Pause time.Duration `pintle:"pause" default:"3s"`
	Most  int           `pintle:"most" default:"7"`
}

func number(n float64) *float64 { return &n }

func TestSchemaOfEveryType(t *testing.T) {
	got, err := sdk.SchemaOf(everyType{unused: "x"})
	if err != nil {
		t.Fatal(err)
	}
	retries := sdk.Schema{Attributes: []sdk.Attribute{
		{Name: "pause", Type: sdk.TypeDuration, Default: "3s"}, {Name: "most", Type: sdk.TypeNumber, Default: "7"}}}
	want := sdk.Schema{
		Attributes: []sdk.Attribute{
			{Name: "text", Type: sdk.TypeString, Doc: "A text.", Required: true},
			{Name: "named", Type: sdk.TypeString, Enum: []string{"fast", "safe"}, Default: "safe"},
			{Name: "whole", Type: sdk.TypeNumber, Default: "3", Min: number(1), Max: number(10)},
			{Name: "long", Type: sdk.TypeNumber, Default: "-4"},
			{Name: "fraction", Type: sdk.TypeNumber, Default: "0.5", Min: number(0), Max: number(1)},
			{Name: "yes", Type: sdk.TypeBool, Default: "true"},
			{Name: "every", Type: sdk.TypeDuration, Default: "5m", Min: number(1), Max: number(14 * 86400)},
			{Name: "limit", Type: sdk.TypeSize, Default: "64KiB", Max: number(1 << 20)},
			{Name: "token", Type: sdk.TypeString, Sensitive: true},
			{Name: "password", Type: sdk.TypeString, Sensitive: true, Deprecated: "use token"},
			{Name: "list", Type: sdk.TypeStringList, Default: `["a","b"]`, Min: number(1)},
			{Name: "map", Type: sdk.TypeStringMap},
			{Name: "one", Type: sdk.TypeAny, PerEvent: true, Required: true},
			{Name: "several", Type: sdk.TypeAnyList, PerEvent: true},
			{Name: "mapped", Type: sdk.TypeAnyMap, PerEvent: true},
		},
		Blocks: []sdk.NestedBlock{
			{Name: "rule", Label: "name", Doc: "Rules.", Min: 1, Schema: sdk.Schema{
				Attributes: []sdk.Attribute{{Name: "soft", Type: sdk.TypeBool, Required: true}},
				Blocks:     []sdk.NestedBlock{{Name: "retry", Schema: retries}}}},
			{Name: "tls", Max: 1, Schema: sdk.Schema{Attributes: []sdk.Attribute{
				{Name: "ca", Type: sdk.TypeString}, {Name: "key", Type: sdk.TypeString, Sensitive: true}}}},
			{Name: "retry", Max: 1, Schema: retries},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	pointer, err := sdk.SchemaOf(&everyType{})
	if diff := cmp.Diff(want, pointer); diff != "" || err != nil {
		t.Errorf("of a pointer, error %v (-want +got):\n%s", err, diff)
	}
	if none, err := sdk.SchemaOf(nil); err != nil || len(none.Attributes) != 0 {
		t.Errorf("of nothing: %+v, %v", none, err)
	}
}

type itself struct {
	Again []itself `pintle:"again,block"`
}

func TestSchemaOfRefuses(t *testing.T) {
	tests := []struct {
		name, says string
		config     any
	}{
		{"no struct", "want a struct", 3},
		{"a channel", "chan", struct {
			C chan int `pintle:"c"`
		}{}},
		{"a small number", "int8", struct {
			N int8 `pintle:"n"`
		}{}},
		{"a pointer that is no block", "*string", struct {
			S *string `pintle:"s"`
		}{}},
		{"a bound that is no number", "min", struct {
			N int `pintle:"n" min:"one"`
		}{}},
		{"a bound in other units", "duration", struct {
			D time.Duration `pintle:"d" max:"5"`
		}{}},
		{"a block of texts", "want a struct", struct {
			B []string `pintle:"b,block"`
		}{}},
		{"a fault in a block", "C", struct {
			B []struct {
				C chan int `pintle:"c"`
			} `pintle:"b,block"`
		}{}},
		{"a field nobody can fill", "exported", struct {
			hidden string `pintle:"hidden"`
		}{hidden: "x"}},
		{"a hidden block", "exported", struct {
			hidden []retry `pintle:"hidden,block"`
		}{hidden: []retry{}}},
		{"a name twice", "twice", struct {
			A string `pintle:"a"`
			B []rule `pintle:"a,block"`
		}{}},
		{"a tag without name", "name", struct {
			A string `pintle:",required"`
		}{}},
		{"a default that does not fit", "default", struct {
			N int `pintle:"n" default:"many"`
		}{}},
		{"a default duration without unit", "default", struct {
			D time.Duration `pintle:"d" default:"5"`
		}{}},
		{"a default that no choice allows", "default", struct {
			S string `pintle:"s" enum:"a,b" default:"c"`
		}{}},
		{"a block within itself", "itself", itself{}},
		{"a per-event attribute in a block", "nested", struct {
			B []struct {
				P sdk.PerEvent `pintle:"p"`
			} `pintle:"b,block"`
		}{}},
		{"an option nobody knows", "requird", struct {
			S string `pintle:"s,requird"`
		}{}},
		{"a label that is no text", "label", struct {
			B []struct {
				N int `pintle:"n,label"`
			} `pintle:"b,block"`
		}{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := sdk.SchemaOf(tt.config)
			if err == nil || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("got error %v, want one that says %q", err, tt.says)
			}
		})
	}
}
