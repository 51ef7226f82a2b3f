"""Questions with several right answers: a folder each, with a file and a KNOWN row per answer."""
