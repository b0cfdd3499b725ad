# The quickstart: three channels in, four analyzers, two places out.
# Read it from top to bottom; that is also the way the data goes.
# Every path in this file is relative to the folder that holds it.

pintle {
  # Here the hub keeps what it has taken in. Delete the folder to begin anew.
  data_dir = "./data"
}

# ---- Sources: where people speak -------------------------------------------------------------------------------------
# A block has a kind ("file") and a name you choose ("reviews"). Elsewhere in this file it is source.file.reviews.

# Reviews from the web shop, as a nightly export.
source "file" "reviews" {
  path   = "channels/reviews.csv" # a glob such as "channels/reviews-*.csv" works too
  format = "csv"                  # csv, jsonl or lines

  # Left: what the hub calls it. Right: the name of the column.
  # Columns not named here are kept: product and stars become event.data.product and event.data.stars.
  fields = {
    id     = "review_id"
    time   = "created_at"
    author = "customer"
    text   = "review"
  }
}

# Posts from a social network, one JSON object a line. A dot steps into a nested object.
source "file" "posts" {
  path   = "channels/posts.jsonl"
  format = "jsonl"

  fields = {
    id     = "post.id"
    time   = "post.at"
    author = "user.handle"
    text   = "body"
  }
}

# The community blog. A feed brings its own names, so there is nothing to map.
source "rss" "blog" {
  file = "channels/blog-feed.xml"
  # A real feed has an address instead, and is asked again and again:
  # url   = "https://community.tarnwheel.example/feed.xml"
  # every = "5m"
}

# ---- Analyzers: what was said ----------------------------------------------------------------------------------------
# What an analyzer finds is added to the event under the analyzer's own name: "mood" gives event.mood.label.

# event.lang.code is "en", "de", ...; event.lang.confidence says how sure it is.
analyzer "language" "lang" {}

# event.mood.label is negative, neutral or positive; event.mood.score lies between -1 and 1.
analyzer "sentiment" "mood" {}

# event.topic.label is the first rule below that fits, so the order counts; event.topic.labels has all that fit.
# Phrases are whole words and do not mind upper or lower case. Patterns are RE2 regular expressions, as in Go.
analyzer "keywords" "topic" {
  # The customer waits for money: a matter for finance.
  rule "refund" {
    phrases  = ["refund", "refunds", "refunded", "money back", "geld zurück"]
    patterns = ["(?i)\\b(erstattung|reimburs|rembours|reembols)"] # the beginning of the word, in four languages
  }

  # The battery does not stay in: a matter for supply, and perhaps for a recall.
  rule "battery-latch" {
    phrases = ["battery latch", "battery catch"]
    patterns = [
      "(?i)\\blatch\\b.*\\b(broke|broken|snapped|cracked|in two)\\b",
      "(?i)\\bbattery (fell|came|popped|jumped)\\b",
      "(?i)\\bverrou\\b.*\\b(cassé|fendu)",
      "(?i)\\b(riegel|akku)\\b.*\\bgebrochen\\b",
    ]
  }

  # Nobody understands the bill: a matter for service.
  rule "invoice" {
    phrases = ["invoice", "invoices", "rechnung", "facture", "factura"]
  }

  # The app does not let its owner in: also service, but other people.
  rule "app-login" {
    phrases = ["log in", "login", "sign in", "logged out", "password", "anmelden", "einloggen"]
  }

  # It is late, or lost.
  rule "delivery" {
    phrases = ["courier", "tracking", "delivery date", "lieferung", "liefertermin", "livraison"]
    patterns = [
      "(?i)\\bdelivery\\b.*\\b(late|moved|postponed)\\b",
      "(?i)\\bparcel\\b.*\\b(lost|found|transit|warehouse)\\b",
    ]
  }

  rule "brake-noise" {
    phrases  = ["bremsen quietschen"]
    patterns = ["(?i)\\bbrakes?\\b.*\\b(squeal|squeak|screech)"]
  }

  rule "bell" {
    phrases = ["bell"]
  }
}

# How many different people say it? One person is a problem, two are a pattern, three are a trend,
# and one person who says it ten times is still one person.
analyzer "trend" "problems" {
  group_by = [event.topic.label]

  # Which events count. Praise is not a problem, and what has no topic belongs to no group.
  when = event.mood.label != "positive" && event.topic.label != null

  window  = "21d" # said within three weeks of each other, by the time of the posts and not of their arrival
  pattern = 2     # people
  trend   = 3     # people
}

# ---- Sinks: where it goes --------------------------------------------------------------------------------------------

# Everything that was said, with what the analyzers added: one row for each event.
# Left: the column, made for you if the table is new. Right: what to write in it.
sink "sql" "warehouse" {
  driver = "sqlite"
  dsn    = "./warehouse.db"
  table  = "feedback"

  columns = {
    id      = event.id
    channel = event.source
    said_at = event.time
    author  = event.author.id
    title   = event.title # only the blog has one
    text    = event.text
    product = event.data.product # only the reviews have one
    stars   = event.data.stars
    lang    = event.lang.code
    mood    = event.mood.label
    score   = event.mood.score
    topic   = event.topic.label
  }
}

# One row for each trend. The key makes the sink write over the row when more people join in.
sink "sql" "problems" {
  driver = "sqlite"
  dsn    = "./warehouse.db"
  table  = "problems"
  key    = "id"

  columns = {
    id         = insight.id
    topic      = insight.title
    stage      = insight.stage
    people     = insight.people
    events     = insight.events
    first_time = insight.first_time
    last_time  = insight.last_time
  }
}

# The same on your screen, while it runs.
sink "stdout" "terminal" {
  format = "text"
  text   = "${insight.stage}: ${insight.title} (${insight.people} people, ${insight.events} posts)"
}

# ---- The pipeline: who is connected with whom ------------------------------------------------------------------------

pipeline "listening" {
  from    = [source.rss.blog, source.file.reviews, source.file.posts]
  through = [analyzer.language.lang, analyzer.sentiment.mood, analyzer.keywords.topic, analyzer.trend.problems]

  # No condition: every event.
  route "archive" {
    to = [sink.sql.warehouse]
  }

  # Insights instead of events, and only what three or more people say.
  route "problems" {
    on   = insight
    when = insight.stage == "trend"
    to   = [sink.sql.problems, sink.stdout.terminal]
  }
}
