"""From files to passages: loading, cleaning, chunking, embedding, storing, retrieving."""
