package langid_test

import (
	"strings"
	"testing"

	"github.com/pintle-hub/pintle/plugins/text/internal/langid"
)

func detector(t testing.TB, codes ...string) *langid.Detector {
	t.Helper()
	d, err := langid.New(codes)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestDetect(t *testing.T) {
	d := detector(t)
	for want, text := range map[string]string{
		"ar":  "وصلت الدراجة متأخرة ولم يرد أحد على رسائلي",
		"ca":  "Encara no he rebut la bicicleta que vaig comprar fa tres setmanes",
		"cs":  "Kolo přišlo poškozené a nikdo mi neodpovídá na zprávy",
		"da":  "Cyklen kom for sent, og ingen svarer på mine beskeder",
		"de":  "Das Fahrrad kam zu spät und niemand antwortet auf meine Nachrichten",
		"el":  "Το ποδήλατο ήρθε αργά και κανείς δεν απαντά",
		"en":  "The bike was late and nobody answers my messages",
		"es":  "La bicicleta llegó tarde y nadie responde a mis mensajes",
		"fi":  "Pyörä tuli myöhässä eikä kukaan vastaa viesteihini",
		"fr":  "Le vélo est arrivé en retard et personne ne répond à mes messages",
		"he":  "האופניים הגיעו באיחור ואף אחד לא עונה",
		"hi":  "साइकिल देर से आई और कोई जवाब नहीं देता",
		"hu":  "A kerékpár későn érkezett, és senki sem válaszol az üzeneteimre",
		"it":  "La bicicletta è arrivata in ritardo e nessuno risponde ai miei messaggi",
		"ja":  "自転車が遅れて届き、誰も返事をくれません",
		"ko":  "자전거가 늦게 도착했고 아무도 답장하지 않아요",
		"nl":  "De fiets kwam te laat en niemand beantwoordt mijn berichten",
		"no":  "Sykkelen kom for sent, og ingen svarer på meldingene mine",
		"pl":  "Rower przyszedł za późno i nikt nie odpowiada na moje wiadomości",
		"pt":  "A bicicleta chegou atrasada e ninguém responde às minhas mensagens",
		"ro":  "Bicicleta a ajuns târziu și nimeni nu răspunde la mesajele mele",
		"ru":  "Велосипед пришёл поздно, и никто не отвечает на мои сообщения",
		"sv":  "Cykeln kom för sent och ingen svarar på mina meddelanden",
		"th":  "จักรยานมาช้าและไม่มีใครตอบ",
		"tr":  "Bisiklet geç geldi ve kimse mesajlarıma cevap vermiyor",
		"uk":  "Велосипед приїхав пізно, і ніхто не відповідає на мої повідомлення",
		"vi":  "Xe đạp đến muộn và không ai trả lời tin nhắn của tôi",
		"zh":  "自行车来晚了，没有人回复我的消息",
		"und": "Ibhayisikili lifike sekwephuzile futhi akekho ophendula imiyalezo yami", // Zulu
	} {
		if got, p := d.Detect(text); got != want || want != langid.Und && p < 0.6 {
			t.Errorf("got %s (%.2f), want %s: %s", got, p, want, text)
		}
	}
}

func TestWhatDoesNotCount(t *testing.T) {
	d := detector(t)
	for name, text := range map[string]string{
		"nothing": "", "numbers": "12345 678", "signs": "?!… 😀", "an address": "https://example.org/the-bike-was-late",
		"an account": "@thebikewaslate", "a tag": "#thebikewaslate", "an entity": "&nbsp;&amp;",
	} {
		if got, p := d.Detect(text); got != langid.Und || p != 0 {
			t.Errorf("%s: got %s (%.2f), want und", name, got, p)
		}
	}
	plain, _ := d.Detect("niemand antwortet")
	noisy, _ := d.Detect("RT @someone: niemand antwortet!!! https://example.org/the/english/page #support &amp; 42")
	if plain != "de" || noisy != "de" {
		t.Errorf("got %s and %s, want de for both", plain, noisy)
	}
}

func TestMixedScripts(t *testing.T) {
	d := detector(t)
	for text, want := range map[string]string{
		"東京の Tarnwheel Otter City で買いました":                                       "ja",
		"купил новый Tarnwheel вчера":                                           "ru",
		"the word 自転車 means bicycle":                                            "en",
		"e\u0301te\u0301 comme l'annee derniere, c'e\u0301tait tre\u0300s bien": "fr", // accents on their own
	} {
		if got, p := d.Detect(text); got != want || p >= 1 && want != "fr" {
			t.Errorf("%q: got %s (%.2f), want %s, not quite sure", text, got, p, want)
		}
	}
}

func TestAllowed(t *testing.T) {
	d := detector(t, "de", "nl")
	if got, _ := d.Detect("water"); got != "nl" && got != "de" {
		t.Errorf("got %s, want one of those allowed", got)
	}
	if got, _ := d.Detect("自転車が遅れて届き"); got != langid.Und {
		t.Errorf("Japanese is %s, want und: it is not allowed", got)
	}
	if _, err := langid.New([]string{"xx"}); err == nil || !strings.Contains(err.Error(), `"xx"`) {
		t.Errorf("got %v, want an error that names the unknown code", err)
	}
	if n := len(detector(t).Languages()); n < 45 {
		t.Errorf("%d languages are known, want at least 45", n)
	}
}

func FuzzDetect(f *testing.F) {
	d, err := langid.New(nil)
	if err != nil {
		f.Fatal(err)
	}
	for _, s := range []string{"", "l’été &amp; www.example.org", "漢字 kana かな", "\xff\xcc", "a\u0301\u0301", strings.Repeat("wort ", 200)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		code, p := d.Detect(s)
		again, q := d.Detect(s)
		if code != again || p != q {
			t.Errorf("two answers: %s %v, %s %v", code, p, again, q)
		}
		if !(p >= 0 && p <= 1) || code == "" || code == langid.Und && p != 0 {
			t.Errorf("%s with %v", code, p)
		}
	})
}

// Text in another script comes in every channel, also where somebody listed two languages.
func TestNoLanguageOfTheScriptIsAllowed(t *testing.T) {
	d := detector(t, "en", "de")
	for script, text := range map[string]string{
		"arabic":     "وصلت الدراجة متأخرة ولم يرد أحد على رسائلي",
		"cyrillic":   "Велосипед пришёл поздно, и никто не отвечает на мои сообщения",
		"devanagari": "साइकिल देर से आई और कोई जवाब नहीं देता",
		"greek":      "Το ποδήλατο ήρθε αργά και κανείς δεν απαντά",
		"han":        "自行车来晚了，没有人回复我的消息",
	} {
		if got, p := d.Detect(text); got != langid.Und || p != 0 {
			t.Errorf("%s: got %s (%.2f), want %s (0)", script, got, p, langid.Und)
		}
	}
	if got, _ := detector(t, "ja").Detect("The bike was late and nobody answers my messages"); got != langid.Und {
		t.Errorf("latin: got %s, want %s", got, langid.Und)
	}
}
