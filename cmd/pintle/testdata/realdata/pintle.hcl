# Complaints to six airlines: who says the same, by rules and by what people noted down as the reason.

variable "path" {
  type = string
}

variable "follow" {
  type    = bool
  default = false
}

variable "warehouse" {
  type      = string
  sensitive = true
}

pintle {
  data_dir = "./data"
}

source "file" "complaints" {
  path     = var.path
  instance = "feedback.jsonl"
  follow   = var.follow
  every    = "10ms"

  fields = {
    id     = "id"
    time   = "time"
    author = "author"
    text   = "text"
  }
}

analyzer "language" "lang" {}

analyzer "sentiment" "mood" {
  language = event.lang.code
}

analyzer "keywords" "topic" {
  rule "cancelled flight" {
    patterns = ["(?i)\\bcancel"]
  }
  rule "late flight" {
    phrases  = ["late", "delay", "delays", "delayed", "late flight", "still waiting", "sitting on the plane", "on the tarmac"]
    patterns = ["(?i)\\bdelay(ed|s)?\\b", "(?i)\\b[0-9]+ ?(hrs?|hours?) (late|delay)"]
  }
  rule "damaged luggage" {
    patterns = ["(?i)\\b(broke|broken|damaged|ripped|destroyed)\\b.*\\b(bag|bags|luggage|suitcase)\\b"]
  }
  rule "lost luggage" {
    phrases  = ["luggage", "baggage", "bag", "bags", "suitcase", "suitcases"]
    patterns = ["(?i)\\blost (my|our|her|his) (bag|luggage|suitcase|stuff)"]
  }
  rule "refund" {
    phrases = ["refund", "refunds", "refunded", "money back", "reimburse", "reimbursed", "reimbursement", "voucher", "vouchers"]
  }
  rule "booking problem" {
    phrases  = ["booking", "book", "booked", "rebook", "reservation", "reservations", "website", "site", "app", "log in", "login"]
    patterns = ["(?i)\\bbooking problems?\\b"]
  }
  rule "customer service" {
    phrases  = ["customer service", "on hold", "hung up", "rude", "no response", "no answer", "no one answers", "call back"]
    patterns = ["(?i)\\b(agent|rep|representative)s?\\b.*\\b(rude|unhelpful|hung)\\b"]
  }
}

analyzer "trend" "topics" {
  group_by = [event.topic.label, event.data.airline_label]
  window   = "3d"
  pattern  = 2
  trend    = 3
}

analyzer "trend" "reasons" {
  group_by = [event.data.reason]
  window   = "3d"
  pattern  = 2
  trend    = 3
}

analyzer "trend" "places" {
  group_by = [event.topic.label, event.data.place]
  window   = "36h"
  pattern  = 2
  trend    = 3
}

sink "sql" "warehouse" {
  driver = "postgres"
  dsn    = var.warehouse
  table  = "feedback"

  columns = {
    id      = event.id
    native  = event.native.id
    said_at = event.time
    author  = event.author.id
    text    = event.text
    lang    = event.lang.code
    mood    = event.mood.label
    topic   = event.topic.label
    topics  = event.topic.labels
    airline = event.data.airline_label
    reason  = event.data.reason
  }

  types = {
    said_at = "timestamptz"
  }
}

sink "sql" "pocket" {
  driver = "sqlite"
  dsn    = "./complaints.db"
  table  = "feedback"

  columns = {
    id      = event.id
    native  = event.native.id
    said_at = event.time
    author  = event.author.id
    text    = event.text
    lang    = event.lang.code
    mood    = event.mood.label
    topic   = event.topic.label
    topics  = event.topic.labels
    airline = event.data.airline_label
    reason  = event.data.reason
  }
}

sink "sql" "warehouse_insights" {
  driver = "postgres"
  dsn    = var.warehouse
  table  = "insights"

  columns = {
    id         = insight.id
    analyzer   = insight.analyzer
    members    = insight.group
    stage      = insight.stage
    people     = insight.people
    events     = insight.events
    first_time = insight.first_time
    last_time  = insight.last_time
  }

  types = {
    people     = "bigint"
    events     = "bigint"
    first_time = "timestamptz"
    last_time  = "timestamptz"
  }
}

sink "sql" "pocket_insights" {
  driver = "sqlite"
  dsn    = "./complaints.db"
  table  = "insights"

  columns = {
    id         = insight.id
    analyzer   = insight.analyzer
    members    = insight.group
    stage      = insight.stage
    people     = insight.people
    events     = insight.events
    first_time = insight.first_time
    last_time  = insight.last_time
  }
}

pipeline "listening" {
  from = [source.file.complaints]
  through = [
    analyzer.language.lang, analyzer.sentiment.mood, analyzer.keywords.topic,
    analyzer.trend.topics, analyzer.trend.reasons, analyzer.trend.places,
  ]

  route "archive" {
    to = [sink.sql.warehouse, sink.sql.pocket]
  }

  route "insights" {
    on = insight
    to = [sink.sql.warehouse_insights, sink.sql.pocket_insights]
  }
}
