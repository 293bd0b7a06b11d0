"""Ask a library of articles: verbatim answers, cited, with every statement that conflicts with them."""
