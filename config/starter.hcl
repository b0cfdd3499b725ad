# Reads feedback from a file, finds out its mood, and shows what is negative on this screen.
# Try it: put a line such as {"text": "I was charged twice, this is terrible"} into feedback.jsonl,
# then run "pintle plan" to see what this file means, and "pintle run" to let it work.

pintle {
  # Everything the hub keeps is in this folder.
  data_dir = "./data"
}

# Where feedback comes from. A path is relative to the folder of this file.
source "file" "feedback" {
  path   = "feedback.jsonl"
  format = "jsonl"
  follow = true # go on reading what is appended

  # Which member of a line holds what. All others are kept: event.data.<name>.
  fields = {
    text   = "text"
    author = "author"
    time   = "time"
  }
}

# What is found out about it. The name of the block becomes the name in expressions: event.mood.label.
analyzer "sentiment" "mood" {}

# Where it goes. ${...} is evaluated for every event.
sink "stdout" "terminal" {
  text = "${event.mood.label}: ${event.text}"
}

# Who is connected with whom.
pipeline "listening" {
  from    = [source.file.feedback]
  through = [analyzer.sentiment.mood]

  # A route takes what its condition is true for. Without "when" it takes everything.
  route "unhappy" {
    when = event.mood.label == "negative"
    to   = [sink.stdout.terminal]
  }
}
