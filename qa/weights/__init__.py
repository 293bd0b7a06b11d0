"""The bundled reader and comparison model; manifest.json lists their size, SHA-256, licence and source."""
