"""The store in a folder: articles and vectors in SQLite, words in tantivy, dense search in FAISS."""
