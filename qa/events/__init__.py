"""Which articles tell of one event: the judgement of two, the groups of many, the events of a library."""
