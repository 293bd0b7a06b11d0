"""Where passages answer, and in which words: windows, spans, sentences, probabilities."""
