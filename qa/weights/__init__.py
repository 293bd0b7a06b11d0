"""The bundled span reader's files; manifest.json lists them with size, SHA-256, licence and source."""
