"""The notebook of a library: what people keep of its answers, in their order, with their notes."""
